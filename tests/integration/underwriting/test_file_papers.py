"""Papers of the underwriting file (承保档案材料): known by their bytes, kept once, read by few."""

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.builders import AT, DESK, key
from tests.integration.desk.counties import OF_ZHENGYANG
from tests.integration.desk.money_cases import AUDITOR, signed_in
from tests.integration.test_row_security import seen_as
from tests.integration.underwriting.cases import CIVIL, FINANCE, make_two_counties
from tests.integration.underwriting.contract_cases import JUDGES, appoint, bid, draft, publish
from tests.integration.underwriting.test_agreement import sign
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.underwriting import errors
from yiyuan.apps.underwriting.file_papers import (
    KeptFile,
    add_agreement_paper,
    add_tender_paper,
    open_file_paper,
)
from yiyuan.apps.underwriting.models import FilePaper

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a plan"
KEPT = KeptFile("承保方案.pdf", "papers/aa/aa", "a" * 64, 10, "application/pdf")


@pytest.fixture(autouse=True)
def city(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_two_counties()


def office_file(part: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as container:
        container.writestr(part, "x")
    return out.getvalue()


def put(
    browser: Client,
    url: str,
    *,
    kind: str = "plan",
    name: str = "承保方案.pdf",
    content: bytes = PDF,
    bid: object = "",
) -> str:
    said = {"request_key": key(), "kind": kind, "bid": bid, "file": SimpleUploadedFile(name, content)}
    return browser.post(url, said, follow=True).text


def test_the_plan_is_kept_under_its_checksum_and_handed_out_with_a_trace(tmp_path: Path) -> None:
    agreement = draft()
    sign(agreement, "insurer")
    civil = signed_in(CIVIL)
    url = reverse("desk:agreement_paper", args=[agreement.pk])

    page = put(civil, url)

    assert "材料已存入" in page
    paper = FilePaper.objects.get()
    assert paper.sha256 == sha256(PDF).hexdigest()
    assert (tmp_path / paper.path).read_bytes() == PDF
    assert (paper.added_by, paper.size_bytes) == (CIVIL.id, len(PDF))
    assert "2033-12-27" in page
    assert CIVIL.name in page
    answer = signed_in(AUDITOR).get(reverse("desk:file_paper", args=[paper.pk]))
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert "attachment" in answer["Content-Disposition"]
    trace = Entry.objects.get(verb="open_file_paper")
    assert (trace.actor_id, trace.subject_id) == (AUDITOR.id, agreement.number)
    assert "已经登记过" in put(civil, url, name="换个名字.pdf")
    assert FilePaper.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("承保方案.pdf", b"MZ\x90 a program"),
        ("承保方案.exe", PDF),
        ("承保方案.docx", office_file("xl/workbook.xml")),
        ("承保方案.docx", b"PK\x03\x04 torn"),
        ("承保方案.html", b"<script>alert(1)</script>"),
        ("承保方案", PDF),
    ],
)
def test_what_it_is_not_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    url = reverse("desk:agreement_paper", args=[draft().pk])

    assert "认不出这个文件" in put(signed_in(CIVIL), url, name=name, content=content)

    assert not FilePaper.objects.exists()
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("方案.docx", office_file("word/document.xml")),
        ("方案.XLSX", office_file("xl/workbook.xml")),
        ("方案.ofd", office_file("OFD.xml")),
        ("方案.png", b"\x89PNG\r\n\x1a\n"),
        ("方案.jpeg", b"\xff\xd8\xff\xe0"),
    ],
)
def test_what_offices_send_is_taken(name: str, content: bytes) -> None:
    url = reverse("desk:agreement_paper", args=[draft().pk])

    assert "材料已存入" in put(signed_in(CIVIL), url, name=name, content=content)

    assert FilePaper.objects.get().name == name


def test_one_that_is_too_large_is_refused(settings: LazySettings) -> None:
    settings.PAPER_BYTES_MAX = 2 * 1024 * 1024
    url = reverse("desk:agreement_paper", args=[draft().pk])

    page = put(signed_in(CIVIL), url, content=PDF + b" " * settings.PAPER_BYTES_MAX)

    assert "最多 2 MB" in page
    assert not FilePaper.objects.exists()


def test_a_bids_paper_stays_shut_until_bids_close_and_judges_read_it() -> None:
    tender = publish()
    made = bid(tender, "人保财险")
    appoint(tender)
    url = reverse("desk:tender_paper", args=[tender.number])
    civil = signed_in(CIVIL)
    assert "没有选是哪一家" in put(civil, url, kind="bid", name="标书.pdf")
    assert "材料已存入" in put(civil, url, kind="bid", name="标书.pdf", bid=made.pk)
    paper = FilePaper.objects.get()

    with pytest.raises(errors.BidsNotClosed):
        open_file_paper(
            pk=paper.pk, actor=CIVIL, occurred_at=datetime(2018, 11, 20, tzinfo=UTC), request_key=key()
        )
    assert not Entry.objects.filter(verb="open_file_paper").exists()
    assert signed_in(JUDGES[0]).get(reverse("desk:file_paper", args=[paper.pk])).status_code == 200
    assert signed_in(DESK).get(reverse("desk:file_paper", args=[paper.pk])).status_code == 404


def test_what_does_not_belong_there_is_refused() -> None:
    tender, agreement = publish(), draft()
    words = {"file": KEPT, "actor": CIVIL, "occurred_at": AT}
    with pytest.raises(errors.PaperRefused):
        add_tender_paper(tender_id=tender.pk, kind="plan", request_key=key(), **words)  # type: ignore[arg-type]
    with pytest.raises(errors.PaperRefused):
        add_tender_paper(tender_id=tender.pk, kind="bid", bid_id=99, request_key=key(), **words)  # type: ignore[arg-type]
    with pytest.raises(errors.PaperRefused):
        add_agreement_paper(agreement_id=agreement.pk, kind="bid", request_key=key(), **words)  # type: ignore[arg-type]
    with pytest.raises(errors.RoleMissing):
        add_agreement_paper(
            agreement_id=agreement.pk,
            kind="plan",
            file=KEPT,
            actor=FINANCE,
            occurred_at=AT,
            request_key=key(),
        )

    assert not FilePaper.objects.exists()


def test_it_is_neither_changed_nor_removed_nor_seen_by_a_county() -> None:
    same = key()
    words = {"agreement_id": draft().pk, "kind": "plan", "file": KEPT, "actor": CIVIL, "occurred_at": AT}
    first, second = (add_agreement_paper(**words, request_key=same) for _ in range(2))  # type: ignore[arg-type]
    assert first == second

    with pytest.raises(DatabaseError), transaction.atomic():
        first.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        FilePaper.objects.update(sha256="b" * 64)
    with seen_as(OF_ZHENGYANG), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM underwriting_filepaper")
        assert cursor.fetchone() == (0,)


def test_one_that_was_changed_on_disk_is_not_handed_out(tmp_path: Path) -> None:
    civil = signed_in(CIVIL)
    put(civil, reverse("desk:agreement_paper", args=[draft().pk]))
    paper = FilePaper.objects.get()
    (tmp_path / paper.path).chmod(0o600)
    (tmp_path / paper.path).write_bytes(b"%PDF-1.7 another plan")

    page = civil.get(reverse("desk:file_paper", args=[paper.pk]), follow=True).text

    assert "和存入时的校验值不一致" in page
