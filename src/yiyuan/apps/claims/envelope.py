"""The envelope (封套): where the approved money is, by the ledger and by the records, side by side.

Out: two envelopes in fen. `approved = held + sent` and `sent = paid + returned + in flight` must hold in the
ledger, and each figure must be what claims and orders say.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Sum

from yiyuan.apps.audit.queries import find_last
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.models import Claim, ClaimEvent
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.ledger.queries import Envelope, sum_envelope
from yiyuan.apps.payments.queries import list_came_back, sum_sent
from yiyuan.kernel.actor import SYSTEM_ACTOR

CHECK_VERB, SUBJECT_KIND = "check_envelope", "envelope"


@dataclass(frozen=True, slots=True)
class EnvelopeCheck:
    """The envelope by the ledger and by the records at one moment."""

    checked_at: datetime
    ledger: Envelope
    records: Envelope

    @property
    def is_whole(self) -> bool:
        """Tell whether the equations hold and both sides agree on every figure."""
        return self.ledger.is_whole and self.ledger == self.records


def sum_records() -> Envelope:
    """Return the envelope as claims and orders have it."""
    arrived = ClaimEvent.objects.filter(claim=OuterRef("pk"), verb=Verb.CONFIRM_PAYMENT)
    approved = Claim.objects.filter(
        Q(state__in=[State.APPROVED, State.PAID]) | Q(Exists(arrived), state=State.CLOSED)
    ).aggregate(fen=Sum("benefit_fen", default=0))
    orders, came_back = sum_sent(), list_came_back()
    # A claim that was withdrawn after its money came back is owed nothing any more.
    owed = Claim.objects.filter(number__in=came_back).exclude(state=State.WITHDRAWN)
    returned_fen = sum(came_back[number] for number in owed.values_list("number", flat=True))
    sent_fen = orders["paid_fen"] + returned_fen + orders["in_flight_fen"]
    return Envelope(
        approved_fen=approved["fen"],
        held_fen=approved["fen"] - sent_fen,
        sent_fen=sent_fen,
        paid_fen=orders["paid_fen"],
        returned_fen=returned_fen,
        in_flight_fen=orders["in_flight_fen"],
    )


def check_envelope(*, occurred_at: datetime) -> EnvelopeCheck:
    """Compare both sides, leave the audit row that says how they stood, and return them.

    Money moves while the sums are read: only what differs twice is said to differ.
    """
    check = EnvelopeCheck(occurred_at, sum_envelope(), sum_records())
    if not check.is_whole:
        check = EnvelopeCheck(occurred_at, sum_envelope(), sum_records())
    record_entry(
        actor=SYSTEM_ACTOR,
        verb=CHECK_VERB,
        subject=(SUBJECT_KIND, occurred_at.date().isoformat()),
        occurred_at=occurred_at,
        request_key=f"envelope:{occurred_at.isoformat()}",
        detail={
            "is_whole": check.is_whole,
            "ledger": asdict(check.ledger),
            "records": asdict(check.records),
        },
    )
    return check


def get_last_check() -> EnvelopeCheck | None:
    """Return the last comparison, or None before the first."""
    found = find_last(verb=CHECK_VERB, subject_kind=SUBJECT_KIND)
    if found is None:
        return None
    checked_at, detail = found
    return EnvelopeCheck(checked_at, _envelope(detail["ledger"]), _envelope(detail["records"]))


def _envelope(figures: object) -> Envelope:
    assert isinstance(figures, Mapping), "the check has written six figures a side"
    return Envelope(**figures)
