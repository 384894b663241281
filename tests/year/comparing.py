"""Model and product side by side (对照): what can be seen of a world, and what is true of the city.

In: the worlds as they should be. Out: the differences in words, none where all agrees.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from tests.year.city import id_number, setl_id
from tests.year.model import Claim as ModelClaim
from tests.year.model import World
from yiyuan.apps.claims.envelope import sum_records
from yiyuan.apps.claims.models import Claim, Question, Recovery
from yiyuan.apps.ledger.models import Posting
from yiyuan.apps.ledger.queries import Envelope, sum_accounts, sum_envelope
from yiyuan.apps.payments.models import Order
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.models import Account, HardshipStatus, Person, Settlement
from yiyuan.apps.screening.models import Proposal

Seen = dict[str, Any]


class People:
    """Who is who: numbers in the database by world and person, and back."""

    def __init__(self) -> None:
        self._index: dict[tuple[int, int], UUID] = {}
        self._known: dict[UUID, int] = {}
        self.worlds: dict[int, int] = {}

    def look(self, worlds: Mapping[int, World]) -> None:
        """Learn who has been registered since."""
        self._known = dict(Person.objects.values_list("id_index", "pk"))
        for index, world in worlds.items():
            for person in range(world.people):
                key = (index, person)
                if key not in self._index:
                    self._index[key] = blind_index(id_number(index, person))
                pk = self._known.get(self._index[key])
                if pk is not None:
                    self.worlds[pk] = index

    def pk(self, world: int, person: int) -> int | None:
        return self._known.get(self._index[world, person])


def differences(worlds: Mapping[int, World], people: People) -> list[tuple[int, str]]:
    """Return (world, what differs there); world -1 is the city as a whole."""
    people.look(worlds)
    found = _seen(people)
    lines: list[tuple[int, str]] = []
    for index, world in worlds.items():
        should = _expected(index, world, people)
        for name in sorted({*should, *found.get(index, {})}):
            wanted, is_so = should.get(name, "nothing"), found.get(index, {}).get(name, "nothing")
            if wanted != is_so:
                lines.append((index, f"{name}: should be {wanted}, is {is_so}"))
    return lines + [(-1, line) for line in _money(worlds.values())]


def _expected(index: int, world: World, people: People) -> Seen:
    seen: Seen = {}
    for setl, stay in world.stays.items():
        seen[f"stay {setl_id(index, setl)}"] = people.pk(index, stay.person)
    for setl, proposal in world.proposals.items():
        outcome = proposal.outcome
        seen[f"proposal {setl_id(index, setl)}"] = (
            proposal.state, outcome.outcome, outcome.reason, outcome.benefit_fen, proposal.group,
        )  # fmt: skip
    for claim in world.all_claims:
        seen.setdefault(f"claims of {setl_id(index, claim.setl)}", []).append(_claim(index, claim))
    for person in range(world.people):
        spans = [(s.group, s.from_on, s.to_on) for s in world.spans(person)]
        pk = people.pk(index, person)
        if spans:
            seen[f"periods of {pk}"] = sorted(spans, key=str)
        paid_fen = sum(c.decided.benefit_fen for c in world.all_claims if c.person == person and c.is_paid)
        if paid_fen:
            seen[f"paid to {pk}"] = paid_fen
    return seen


def _claim(index: int, claim: ModelClaim) -> object:
    return (
        claim.state,
        claim.decided.benefit_fen,
        setl_id(index, claim.account) if claim.account else "",
        claim.has_note,
        [order.state for order in claim.orders],
        [(q.state, q.now.outcome, q.now.reason, q.now.benefit_fen) for q in claim.questions],
        [(r.state, r.waiver_by) for r in claim.recoveries],
    )


def _seen(people: People) -> Mapping[int, Seen]:
    seen: dict[int, Seen] = defaultdict(dict)
    for setl, person in Settlement.objects.filter(reverses_setl_id="").values_list("setl_id", "person_id"):
        seen[_world(setl)][f"stay {setl}"] = person
    names = ("setl_id", "state", "outcome", "reason", "benefit_fen", "group")
    for setl, *rest in Proposal.objects.values_list(*names):
        seen[_world(setl)][f"proposal {setl}"] = tuple(rest)
    _see_claims(seen)
    _see_people(seen, people.worlds)
    return seen


def _see_claims(seen: dict[int, Seen]) -> None:
    accounts = dict(Account.objects.values_list("pk", "bank_name"))
    orders: dict[str, list[str]] = defaultdict(list)
    questions: dict[int, list[object]] = defaultdict(list)
    recoveries: dict[int, list[object]] = defaultdict(list)
    for source, state in Order.objects.order_by("pk").values_list("source", "state"):
        orders[source].append(state)
    names = ("claim_id", "state", "new_outcome", "new_reason", "new_benefit_fen")
    for claim, *question in Question.objects.order_by("pk").values_list(*names):
        questions[claim].append(tuple(question))
    for claim, *recovery in Recovery.objects.order_by("pk").values_list("claim_id", "state", "waiver_by"):
        recoveries[claim].append(tuple(recovery))
    columns = ("pk", "number", "setl_id", "state", "benefit_fen", "account_id", "payment_note")
    for pk, number, setl, state, fen, account, note in Claim.objects.order_by("pk").values_list(*columns):
        claim = (
            state, fen, accounts[account] if account else "", bool(note), orders[number], questions[pk],
            recoveries[pk],
        )  # fmt: skip
        seen[_world(setl)].setdefault(f"claims of {setl}", []).append(claim)


def _see_people(seen: dict[int, Seen], worlds: Mapping[int, int]) -> None:
    spans: dict[int, list[object]] = defaultdict(list)
    names = ("person_id", "group", "valid_from", "valid_to")
    for person, *span in HardshipStatus.objects.filter(superseded_at=None).values_list(*names):
        spans[person].append(tuple(span))
    for person, some in spans.items():
        if person in worlds:
            seen[worlds[person]][f"periods of {person}"] = sorted(some, key=str)
    paid = Order.objects.filter(state="paid").values_list("person_id").annotate(fen=Sum("amount_fen"))
    for person, fen in paid:
        seen[worlds[person]][f"paid to {person}"] = int(fen)


def _world(setl: str) -> int:
    return int(setl[1:].partition("-")[0])


def _money(worlds: Iterable[World]) -> Iterable[str]:
    sums: dict[str, int] = defaultdict(int)
    for world in worlds:
        for where, fen in world.money():
            sums[where] += fen
    sent = sums["paid"] + sums["returned"] + sums["in_flight"]
    should = Envelope(
        approved_fen=sums["approved"],
        held_fen=sums["approved"] - sent,
        sent_fen=sent,
        paid_fen=sums["paid"],
        returned_fen=sums["returned"],
        in_flight_fen=sums["in_flight"],
    )
    for name, envelope in (("the ledger", sum_envelope()), ("the records", sum_records())):
        if not envelope.is_whole or envelope != should:
            yield f"{name}: should be {should}, is {envelope}"
    standing = {
        "fund": sums["repaid"] - sums["approved"],
        "payable": should.held_fen,
        "in_flight": sums["in_flight"],
        "returned": sums["returned"],
        "paid": sums["paid"] - sums["receivable"] - sums["repaid"],
        "receivable": sums["receivable"],
    }
    # The year knows of no premium and no bond; what hangs in suspense is nobody's yet.
    stands = {code: fen for code, fen in sum_accounts().items() if code in standing}
    if standing != stands:
        yield f"the accounts: should be {standing}, are {stands}"
    if Posting.objects.aggregate(fen=Sum("amount_fen", default=0))["fen"]:
        yield "the postings do not come to zero"
    with connection.cursor() as cursor:
        # Entries are held to zero when the transaction ends; here already.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
