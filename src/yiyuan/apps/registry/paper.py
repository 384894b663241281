"""Paper bills typed in at the desk (纸质票据): settlements of their own, until a file brings the stay.

In: what stands on the paper, who keeps it, who typed it. Out: a settlement decided like any other; and later
the link to the same stay in a file, one of the two closed so that no stay is paid twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.errors import RoleMissing, StayKnown
from yiyuan.apps.registry.models import ClaimedSettlement, PaperBill, Person, Reversal, Settlement
from yiyuan.apps.registry.queries import SettlementFacts, get_person, get_settlement_facts
from yiyuan.kernel.actor import Actor, Role

PAPER = "纸-"  # how the number of a settlement typed from paper begins
NO_IMPORT = 0  # no file brought a settlement that the desk has typed in
CLOSE_DAYS = 1
# A stay in a file is the one on paper: the person's, within a day at both ends, at the same hospital or a sum
# within a tenth. Nearness only pairs them; which figures hold is for the rule and a person.
MATCH_SQL = """SELECT b.id, p.setl_id, f.setl_id FROM registry_paperbill b
JOIN registry_settlement p ON p.id = b.settlement_id
JOIN registry_settlement f ON f.person_id = p.person_id AND f.import_job_id = %(job)s
    AND f.reverses_setl_id = '' AND abs(f.admitted_on - p.admitted_on) <= 1
    AND abs(f.discharged_on - p.discharged_on) <= 1
    AND ((f.hospital_code <> '' AND f.hospital_code = p.hospital_code)
        OR abs(f.medfee_sumamt_fen - p.medfee_sumamt_fen) * 10 <= f.medfee_sumamt_fen)
WHERE b.feed_setl_id = '' ORDER BY b.id, f.id"""


@dataclass(frozen=True, slots=True)
class NewPaperBill:
    """What stands on a paper bill; amounts in fen, `paid_fen` by column of the payers."""

    person_id: int
    hospital_name: str
    admitted_on: date
    discharged_on: date
    settled_on: date
    diagnosis_code: str
    total_fen: int
    eligible_fen: int
    paid_fen: Mapping[str, int]
    kept_at: str
    hospital_code: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A paper bill and the settlement of a file that tell of the same stay."""

    bill_id: int
    paper_setl_id: str
    feed_setl_id: str


@exactly_once()
@transaction.atomic
def record_paper_bill(
    *, new: NewPaperBill, actor: Actor, occurred_at: datetime, request_key: str
) -> PaperBill:
    """Keep a paper bill as a settlement of its own; return it. The same `request_key` returns the first one.

    :raises RoleMissing: the actor is no desk agent.
    :raises StayKnown: this stay is there already, from a file or from paper.
    :raises Person.DoesNotExist: nobody of whom the actor may see anything has this number.
    """
    if Role.DESK_AGENT not in actor.roles:
        raise RoleMissing(actor.id)
    if earlier := PaperBill.objects.filter(request_key=request_key).first():
        return earlier
    seen = get_person(new.person_id, scope=actor.scope)
    person = Person.objects.select_for_update(of=("self",)).get(pk=seen.id)
    if known := _same_stay(new):
        raise StayKnown(known)
    settlement = Settlement.objects.create(
        setl_id=_number(person, new),
        person=person,
        county_code=person.county_code,
        hospital_code=new.hospital_code,
        birth_on=person.birth_on,
        sex=person.sex,
        admitted_on=new.admitted_on,
        discharged_on=new.discharged_on,
        settled_on=new.settled_on,
        diagnosis_code=new.diagnosis_code,
        medfee_sumamt_fen=new.total_fen,
        inscp_scp_amt_fen=new.eligible_fen,
        import_job_id=NO_IMPORT,
        recorded_at=occurred_at,
        **new.paid_fen,
    )
    bill = PaperBill.objects.create(
        settlement=settlement,
        hospital_name=new.hospital_name,
        kept_at=new.kept_at,
        typed_at=occurred_at,
        typed_by=actor.id,
        typed_by_name=actor.name,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="record_paper_bill",
        subject=("person", str(person.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"settlement": settlement.setl_id, "total_fen": new.total_fen},
    )
    return bill


def list_matches(job_id: int) -> Sequence[Match]:
    """Return which stays of an import the desk has typed in from paper before, one file row a bill."""
    with connection.cursor() as cursor:
        cursor.execute(MATCH_SQL, {"job": job_id})
        found: dict[int, Match] = {}
        for row in cursor.fetchall():
            found.setdefault(row[0], Match(*row))
    return list(found.values())


def link_paper(match: Match, *, closed_setl_id: str, job_id: int, occurred_at: datetime) -> None:
    """Note that the two are one stay, and close one of them, so that it is never paid beside the other.

    Undoing the import opens it again.
    """
    assert closed_setl_id in (match.paper_setl_id, match.feed_setl_id), closed_setl_id
    PaperBill.objects.filter(pk=match.bill_id).update(
        feed_setl_id=match.feed_setl_id, matched_job_id=job_id, matched_at=occurred_at
    )
    ClaimedSettlement.objects.get_or_create(
        setl_id=closed_setl_id, defaults={"import_job_id": job_id, "recorded_at": occurred_at}
    )


def close_paper(bill: PaperBill, *, occurred_at: datetime) -> None:
    """Let the file's row count instead; the caller has seen that the paper's claim has ended."""
    assert bill.feed_setl_id, "only a bill that was matched has another row"
    ClaimedSettlement.objects.filter(setl_id=bill.feed_setl_id).delete()
    ClaimedSettlement.objects.get_or_create(
        setl_id=bill.settlement.setl_id,
        defaults={"import_job_id": bill.matched_job_id or NO_IMPORT, "recorded_at": occurred_at},
    )


def get_paper_bill(bill_id: int) -> PaperBill:
    """Return one paper bill with its settlement; row-level security holds whose.

    :raises PaperBill.DoesNotExist: there is none of this number.
    """
    return PaperBill.objects.select_related("settlement").get(pk=bill_id)


def get_facts_to_compare(setl_id: str) -> SettlementFacts:
    """Return what is known now of a decided settlement: of one typed from paper, what its file row says.

    :raises Settlement.DoesNotExist: nothing has brought this number.
    """
    bill = None
    if setl_id.startswith(PAPER):
        bill = PaperBill.objects.filter(settlement__setl_id=setl_id).exclude(feed_setl_id="").first()
    if bill is None:
        return get_settlement_facts(setl_id)
    # The link closed the file row; only what another list says of it would make it paid before.
    elsewhere = ClaimedSettlement.objects.filter(setl_id=bill.feed_setl_id)
    return replace(
        get_settlement_facts(bill.feed_setl_id),
        setl_id=setl_id,
        is_claimed=elsewhere.exclude(import_job_id=bill.matched_job_id or NO_IMPORT).exists(),
    )


def list_paper_bills(setl_ids: Iterable[str]) -> Mapping[str, PaperBill]:
    """Return settlement number → the paper bill it stands for or is told by as well."""
    numbers = set(setl_ids)
    either = Q(settlement__setl_id__in=numbers) | Q(feed_setl_id__in=numbers - {""})
    bills = list(PaperBill.objects.select_related("settlement").filter(either))
    by_number = {bill.settlement.setl_id: bill for bill in bills} | {
        bill.feed_setl_id: bill for bill in bills
    }
    return {number: by_number[number] for number in numbers & set(by_number)}


def _same_stay(new: NewPaperBill) -> str | None:
    near = timedelta(days=CLOSE_DAYS)
    known = Settlement.objects.filter(
        person_id=new.person_id,
        reverses_setl_id="",
        admitted_on__range=(new.admitted_on - near, new.admitted_on + near),
        discharged_on__range=(new.discharged_on - near, new.discharged_on + near),
    ).exclude(Exists(Reversal.objects.filter(setl_id=OuterRef("setl_id"))))
    return known.values_list("setl_id", flat=True).first()


def _number(person: Person, new: NewPaperBill) -> str:
    # The paper has no number of the medical insurance; one that says what it is cannot meet one in a file.
    place = PaperBill.objects.filter(settlement__person=person).count() + 1
    return f"{PAPER}{person.pk}-{new.admitted_on:%Y%m%d}-{place}"
