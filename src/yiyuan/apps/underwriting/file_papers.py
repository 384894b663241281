"""Keeping the papers of the underwriting file (承保档案): the plan, the tender's and the bids' papers.

In: a kept file, and what it belongs to. Out: a row that is neither changed nor taken away: the law has the
records kept for years, and here nothing is removed before or after. Reading one leaves a row in the audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.underwriting.errors import AlreadyThere, BidsNotClosed, PaperRefused
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.models import Agreement, Bid, FilePaper, Tender
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.apps.underwriting.tenders import records_until
from yiyuan.kernel.actor import Actor, Role

PAGE = 200
OF_TENDER = (FilePaper.TENDER, FilePaper.BID, FilePaper.EVALUATION, FilePaper.OTHER)
OF_AGREEMENT = (FilePaper.PLAN, FilePaper.AGREEMENT, FilePaper.OTHER)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it lies in the folder of uploads: its name, place, checksum, size and what it is."""

    name: str
    path: str
    sha256: str
    size_bytes: int
    media_type: str


@exactly_once()
def add_tender_paper(
    *,
    tender_id: int,
    kind: str,
    file: KeptFile,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    bid_id: int | None = None,
) -> FilePaper:
    """Keep a paper of a tender, or of one of its bids; return it. The same `request_key` returns the first.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises PaperRefused: a kind that is none of a tender's, or a bid's paper without a bid of this tender.
    :raises AlreadyThere: the same bytes are kept there.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    tender = Tender.objects.get(pk=tender_id)
    if kind not in OF_TENDER or (kind == FilePaper.BID) != (bid_id is not None):
        raise PaperRefused(kind)
    if bid_id is not None and not Bid.objects.filter(pk=bid_id, tender=tender).exists():
        raise PaperRefused(str(bid_id))
    paper = FilePaper(tender=tender, bid_id=bid_id, kind=kind)
    return _keep(paper, file, ("tender", tender.number), actor, occurred_at, request_key)


@exactly_once()
def add_agreement_paper(
    *,
    agreement_id: int,
    kind: str,
    file: KeptFile,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> FilePaper:
    """Keep a paper of an agreement, the underwriting plan first; return it. Repeatable by `request_key`.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises PaperRefused: a kind that is none of an agreement's.
    :raises AlreadyThere: the same bytes are kept there.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    agreement = Agreement.objects.get(pk=agreement_id)
    if kind not in OF_AGREEMENT:
        raise PaperRefused(kind)
    paper = FilePaper(agreement=agreement, kind=kind)
    return _keep(paper, file, ("agreement", agreement.number), actor, occurred_at, request_key)


def _keep(
    paper: FilePaper,
    file: KeptFile,
    subject: tuple[str, str],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> FilePaper:
    if earlier := FilePaper.objects.filter(request_key=request_key).first():
        return earlier
    beside = FilePaper.objects.filter(tender=paper.tender, agreement=paper.agreement, bid=paper.bid)
    if beside.filter(sha256=file.sha256).exists():
        raise AlreadyThere(file.name)
    paper.name, paper.path, paper.sha256 = file.name[:100], file.path, file.sha256
    paper.size_bytes, paper.media_type = file.size_bytes, file.media_type
    paper.added_at, paper.added_by, paper.added_by_name = occurred_at, actor.id, actor.name
    paper.request_key = request_key
    paper.save(force_insert=True)
    said = {"kind": paper.kind, "sha256": paper.sha256, "bytes": paper.size_bytes}
    audit("add_file_paper", subject, actor, occurred_at, request_key, **said)
    return paper


def list_file_papers(owner: Tender | Agreement) -> Sequence[FilePaper]:
    """Return the papers of a tender or an agreement, the newest first."""
    own = {"tender": owner} if isinstance(owner, Tender) else {"agreement": owner}
    return list(FilePaper.objects.filter(**own).select_related("bid").order_by("-pk")[:PAGE])


def papers_until(owner: Tender | Agreement) -> date | None:
    """Return the day until which the papers are kept by law, None before there is a contract."""
    if isinstance(owner, Tender):
        return records_until(owner)
    if owner.award is not None and (until := records_until(owner.award.tender)):
        return until
    signed = owner.signatures.order_by("-signed_on").first()
    return procurement().records_until(signed.signed_on) if signed else None


@exactly_once()
def open_file_paper(*, pk: int, actor: Actor, occurred_at: datetime, request_key: str) -> FilePaper:
    """Return one paper to be handed out, and leave a row of who took it.

    A judge of its tender may read it, as may who reads contracts. A bid stays shut until bids close.

    :raises FilePaper.DoesNotExist: there is none, or it is not for the actor.
    :raises BidsNotClosed: the paper of a bid, and bids are still open.
    """
    paper = FilePaper.objects.select_related("tender", "agreement").get(pk=pk)
    tender = paper.tender
    reads = bool(actor.roles & {Role.CIVIL_AFFAIRS, Role.FINANCE, Role.AUDITOR})
    judges = tender is not None and tender.judges.filter(username=actor.id).exists()
    if not actor.scope.is_city or not (reads or judges):
        raise FilePaper.DoesNotExist
    if paper.bid_id is not None and tender is not None and occurred_at <= tender.closes_at:
        raise BidsNotClosed(tender.number)
    owner = ("tender", tender.number) if tender else ("agreement", _number(paper))
    record_entry(
        actor=actor,
        verb="open_file_paper",
        subject=owner,
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"kind": paper.kind, "sha256": paper.sha256},
    )
    return paper


def _number(paper: FilePaper) -> str:
    return paper.agreement.number if paper.agreement else ""
