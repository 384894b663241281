"""Finding people (查人): by whole identity number or telephone number, by name, by sound.

In: what somebody typed, and a scope. Out: at most fifty people of the scope, each way over an index of its
own, so that a city of ten million answers as fast as a village.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.lookups import LAST_SIGN, begins_with
from yiyuan.apps.registry.models import Contact, Person
from yiyuan.apps.registry.queries import SEARCH_LIMIT, PersonView, person_view
from yiyuan.kernel.identity import ID_LENGTH, clean_id_number, clean_phone, is_phone
from yiyuan.kernel.scope import Scope

# Parts first, then the people of each name: the limit is reached after a few names, or there are few at all.
PART_SQL = """SELECT r.id FROM (
    SELECT part, name FROM registry_namepart
    WHERE part >= %(start)s AND part < %(end)s ORDER BY part, name OFFSET 0
) n CROSS JOIN LATERAL (
    SELECT p.id FROM registry_person p
    WHERE p.name = n.name AND (%(is_city)s OR p.county_code = ANY(%(counties)s))
    ORDER BY p.county_code, p.id LIMIT %(limit)s
) r LIMIT %(limit)s"""


def search_people(words: str, *, scope: Scope) -> Sequence[PersonView]:
    """Return at most fifty people of a scope: those the words name, or whose name or sound has them.

    Who begins with the words comes before who has them further on.
    """
    number, phone = clean_id_number(words), clean_phone(words)
    if len(number) == ID_LENGTH and number[:-1].isdigit():
        return _views(Person.objects.filter(within(scope), id_index=blind_index(number)))
    if is_phone(phone):
        reached = Contact.objects.filter(phone_index=blind_index(phone), superseded_at=None)
        people = Person.objects.filter(
            within(scope), pk__in=list(reached.values_list("person_id", flat=True))
        )
        return _views(people.order_by("pk"))
    text = "".join(words.split())
    if not text or text[0].isdigit():
        return ()
    return _by_text(text, scope)


def _by_text(text: str, scope: Scope) -> Sequence[PersonView]:
    field, text = ("name_key", text.lower()) if text.isascii() else ("name", text)
    begun = Person.objects.filter(begins_with(field, text), within(scope))
    # The index gives them in its own order; those of one page are put in the order of their sound.
    found = _by_sound(begun.order_by(field, "county_code", "pk")[:SEARCH_LIMIT])
    room = SEARCH_LIMIT - len(found)
    if room:
        begun_so = {person.pk for person in found}
        numbers = [pk for pk in _with_part(text, scope) if pk not in begun_so][:room]
        found += _by_sound(Person.objects.filter(pk__in=numbers))
    return [person_view(person) for person in found]


def _by_sound(people: Iterable[Person]) -> list[Person]:
    return sorted(people, key=lambda person: (person.name_key, person.pk))


def _with_part(text: str, scope: Scope) -> Iterator[int]:
    parameters: dict[str, Any] = {
        "start": text,
        "end": f"{text}{LAST_SIGN}",
        "is_city": scope.is_city,
        "counties": sorted(scope.counties),
        "limit": SEARCH_LIMIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(PART_SQL, parameters)
        yield from dict.fromkeys(int(row[0]) for row in cursor.fetchall())


def _views(people: "QuerySet[Person]") -> Sequence[PersonView]:
    return [person_view(person) for person in people[:SEARCH_LIMIT]]
