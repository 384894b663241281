"""A tender with five judges and an agreement, made through the services (招标和协议测试数据)."""

from datetime import UTC, date, datetime

from tests.builders import key, make_staff
from tests.integration.underwriting.cases import CIVIL, CIVIL_2, YEAR
from yiyuan.apps.underwriting.contracting import NewAgreement, NewPromise, Party, draft_agreement
from yiyuan.apps.underwriting.judging import appoint_judge, record_scores
from yiyuan.apps.underwriting.models import Agreement, Award, Bid, Tender
from yiyuan.apps.underwriting.tendering import NewTender, agree_award, open_tender, propose_award, record_bid
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

WEIGHTS = {
    "legal_qualification": 2000, "capacity": 2500, "local_experience": 2000, "service_points": 2000,
    "reputation": 1500,
}  # fmt: skip
PUBLISHED, CLOSES = date(2018, 11, 1), datetime(2018, 11, 21, 1, 0, tzinfo=UTC)
OPENED = datetime(2018, 11, 22, 2, 0, tzinfo=UTC)
JUDGES = [Actor(f"judge{n}", f"评委{n}", frozenset({Role.AUDITOR}), EVERYWHERE) for n in range(5)]
CONTRACT_FEN = 801_710_000
PROMISES = (
    NewPromise("county_points", "TIME-2", 1),
    NewPromise("township_points", "TIME-2", 1),
    NewPromise("on_time", "TIME-1", 9500),
    NewPromise("reports", "ORG-3", 10),
)


def new_tender(*, closes_at: datetime = CLOSES, weights: dict[str, int] = WEIGHTS) -> NewTender:
    """Return what the tender's paper says."""
    return NewTender("2019 年度一元民生", YEAR, CONTRACT_FEN, PUBLISHED, closes_at, weights)


def publish(new: NewTender | None = None) -> Tender:
    """Open a tender."""
    at = datetime(2018, 11, 1, 2, 0, tzinfo=UTC)
    return open_tender(new=new or new_tender(), actor=CIVIL, occurred_at=at, request_key=key())


def bid(tender: Tender, bidder: str, price_fen: int = 801_000_000, *, at: datetime = CLOSES) -> Bid:
    """Record a bid."""
    words = {"tender_id": tender.pk, "bidder": bidder, "price_fen": price_fen, "received_at": at}
    return record_bid(**words, actor=CIVIL, occurred_at=OPENED, request_key=key())  # type: ignore[arg-type]


def appoint(tender: Tender, count: int = 5) -> list[Actor]:
    """Appoint judges."""
    for judge in JUDGES[:count]:
        make_staff(judge)
        words = {"tender_id": tender.pk, "username": judge.id}
        appoint_judge(**words, actor=CIVIL, occurred_at=OPENED, request_key=key())  # type: ignore[arg-type]
    return JUDGES[:count]


def score(tender: Tender, judge: Actor, points: dict[str, int], *, at: datetime = OPENED) -> int:
    """Give a judge's points, the same for every criterion, by bidder."""
    given = {
        (one.pk, criterion.pk): points[one.bidder]
        for one in tender.bids.all()
        for criterion in tender.criteria.all()
    }
    return record_scores(tender_id=tender.pk, points=given, actor=judge, occurred_at=at, request_key=key())


def award(tender: Tender) -> Award:
    """Bring a tender to its award by two persons."""
    first = bid(tender, "人保财险")
    bid(tender, "别家财险")
    for judge in appoint(tender):
        score(tender, judge, {"人保财险": 90, "别家财险": 80})
    made = propose_award(bid_id=first.pk, reason="", actor=CIVIL, occurred_at=OPENED, request_key=key())
    return agree_award(award_id=made.pk, actor=CIVIL_2, occurred_at=OPENED, request_key=key())


def new_agreement(
    *, parties: tuple[Party, ...] = (Party("人保财险", 10_000, True),), bond_fen: int = 80_171_000
) -> NewAgreement:
    """Return what the draft says."""
    until = date(2020, 1, 1)
    return NewAgreement(
        "驻一元〔2018〕1号", "合作协议", YEAR, until, CONTRACT_FEN, bond_fen, parties, PROMISES
    )


def draft(new: NewAgreement | None = None) -> Agreement:
    """Draft an agreement."""
    return draft_agreement(new=new or new_agreement(), actor=CIVIL, occurred_at=OPENED, request_key=key())
