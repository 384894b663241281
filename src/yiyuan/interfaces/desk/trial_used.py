"""What a person has used of the scheme's limits (已用的限额), for a trial case that names one.

In: what was said of a victim, with the number of a person of the registry. Out: the same without the number,
with `used_fen` by limit. Nothing is locked or written.
"""

from datetime import date

from django.core.exceptions import ObjectDoesNotExist

from yiyuan.apps.adjudication.running import account_of, get_used
from yiyuan.apps.registry.queries import get_person
from yiyuan.kernel.scope import Scope
from yiyuan.rules.events.facts import PERSON, WHOLE, Fact
from yiyuan.rules.terms import SchemeVersion

RUNS_ON = ("year", "term", "life")  # an event or an admission tried here is a new one
PERSON_FIELD = Fact(
    "registry_person",
    WHOLE,
    PERSON,
    "这个人的编号：人员页网址末尾的数字，用来扣掉已用的限额",
    "Number of the person, the digits that end the address of their page: what was used is taken off",
)


def used_by(terms: SchemeVersion, said: dict[str, object], on: date, scope: Scope) -> dict[str, object]:
    """Return what was said, with what the named person has used; a number nobody of the scope has uses 0."""
    number = str(said.pop(PERSON_FIELD.name, ""))
    if not number.isdecimal():
        return said
    try:
        person = get_person(int(number), scope=scope)
    except (ObjectDoesNotExist, OverflowError):
        return said
    accounts = [
        account_of(terms, limit, holder_id=str(person.id), on=on, event="")
        for limit in terms.events.limits
        if limit.per == PERSON and limit.over in RUNS_ON
    ]
    used = {account.limit: fen for account, fen in get_used(accounts).items() if fen}
    return {**said, "used_fen": used} if used else said
