"""What waits for those who keep the money (管钱的人要办的事): budgets, premium, agreement, suspense.

In: the signed-in person and the year in force. Out: sums in fen and tasks, each with the page that does it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yiyuan.apps.claims.queries import count_by_state
from yiyuan.apps.claims.states import State
from yiyuan.apps.ledger.budgets import list_changes
from yiyuan.apps.payments.suspense import sum_suspense
from yiyuan.apps.schemes.queries import list_terms, version_on
from yiyuan.apps.underwriting.agreements import find_agreement
from yiyuan.apps.underwriting.balances import Balance, list_balances
from yiyuan.apps.underwriting.head_counts import standing_head_counts
from yiyuan.apps.underwriting.lights import list_lights
from yiyuan.apps.underwriting.queries import list_standing_bills
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import yuan
from yiyuan.kernel.scope import Scope
from yiyuan.rules.terms import SchemeVersion

KEEPERS = (Role.CIVIL_AFFAIRS, Role.FINANCE, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what, how urgent (late, soon or blank), and where it is done."""

    words: str
    url: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class MoneySums:
    """The year's money in fen: premium owed, received and late; claims approved and not paid, and paid."""

    owed_fen: int
    received_fen: int
    late_fen: int
    approved_fen: int
    paid_fen: int


def money_context(role: Role, actor: Actor, today: date) -> dict[str, object]:
    """Return sums and tasks for those who keep the money, nothing for others."""
    if role not in KEEPERS:
        return {}
    terms, scope = version_on(list_terms(), today), actor.scope
    balances = list_balances(terms.valid.from_on, today, scope=scope)
    states = count_by_state(scope=scope, states=(State.APPROVED, State.PAID))
    sums = MoneySums(
        owed_fen=sum(one.owed_fen for one in balances),
        received_fen=sum(one.received_fen for one in balances),
        late_fen=sum(one.late_fen for one in balances),
        approved_fen=states.get(State.APPROVED, (0, 0))[1],
        paid_fen=states.get(State.PAID, (0, 0))[1],
    )
    tasks = [*_premium(terms, balances, scope), *_city(actor, terms, today)]
    return {"sums": sums, "tasks": tasks, "year": terms.valid.from_on.year}


def _premium(terms: SchemeVersion, balances: Sequence[Balance], scope: Scope) -> Iterator[Task]:
    url, year = reverse("desk:premium"), terms.valid.from_on
    inside = {
        one.code for one in terms.counties if scope.covers(one.code) and one.code not in terms.pool_excluded
    }
    counted = inside & set(standing_head_counts(year))
    billed = {one.county_code for one in list_standing_bills(year, scope=scope)}
    if n := len({one.county_code for one in balances if one.late_fen}):
        said = {"n": n, "sum": yuan(sum(one.late_fen for one in balances))}
        late = ngettext("%(n)d 个县区欠拨 %(sum)s 元", "%(n)d 个县区欠拨 %(sum)s 元", n)
        yield Task(late % said, url, "late")
    if n := len(inside - counted):
        yield Task(ngettext("%(n)d 个县区人数未核定", "%(n)d 个县区人数未核定", n) % {"n": n}, url, "soon")
    if n := len(counted - billed):
        waiting = ngettext("%(n)d 个县区还没有出保费通知书", "%(n)d 个县区还没有出保费通知书", n)
        yield Task(waiting % {"n": n}, url, "soon")


def _city(actor: Actor, terms: SchemeVersion, today: date) -> Iterator[Task]:
    changes = [one for one in list_changes(is_open=True, scope=actor.scope) if one.proposed_by != actor.id]
    if n := len(changes):
        said = {"n": n, "sum": yuan(sum(one.amount_fen for one in changes))}
        words = ngettext(
            "%(n)d 份预算等第二个人同意，%(sum)s 元", "%(n)d 份预算等第二个人同意，%(sum)s 元", n
        )
        yield Task(words % said, reverse("desk:budgets"), "soon")
    if not actor.scope.is_city:
        return
    hanging = sum_suspense(scope=actor.scope)
    # The list itself is for those who pay and those who audit.
    if (n := hanging.count) and Role.AUDITOR in actor.roles:
        words = ngettext("%(n)d 笔待查款，%(sum)s 元", "%(n)d 笔待查款，%(sum)s 元", n)
        yield Task(words % {"n": n, "sum": yuan(hanging.fen)}, reverse("desk:suspense"), "soon")
    agreement = find_agreement(terms.valid.from_on, scope=actor.scope)
    if agreement is None:
        yield Task(_("今年的合作协议还没有登记"), reverse("desk:agreement"), "soon")
    elif n := sum(one.state == "broken" for one in list_lights(agreement, today)):
        words = ngettext("保险公司有 %(n)d 项承诺没做到", "保险公司有 %(n)d 项承诺没做到", n)
        yield Task(words % {"n": n}, reverse("desk:agreement"), "late")
