"""Drafts that come by the site: bounded, checked, replayed behind the page, put beside the versions."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, connection, transaction
from django.test import Client, override_settings

from tests.builders import APPROVER, AT, CLERK, DESK, key, make_city
from tests.integration.desk.counties import OF_ZHENGYANG
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in
from tests.integration.test_putting_in_force import copy_of_the_tutorial
from tests.integration.test_row_security import count_rows, seen_as
from tests.integration.test_screening import city_with
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.registry.models import City
from yiyuan.apps.schemes import errors
from yiyuan.apps.schemes.adopting import approve_version, propose_version
from yiyuan.apps.schemes.drafts import (
    is_readable,
    is_sound,
    list_drafts,
    load_draft,
    place_draft,
    record_draft,
)
from yiyuan.apps.schemes.models import Draft
from yiyuan.apps.schemes.queries import get_terms, list_standings
from yiyuan.apps.schemes.unpacking import FILES_MAX, UNPACKED_MAX, unpack
from yiyuan.apps.screening.draft_replays import list_unfinished_replays, request_replay, take_replay
from yiyuan.apps.screening.errors import RunUnderWay
from yiyuan.apps.screening.models import DraftReplay
from yiyuan.kernel.actor import Actor, Role
from yiyuan.rules.acceptance import to_accept

pytestmark = pytest.mark.django_db

SCHEMES = Path(__file__).parents[2] / "schemes"
ZHUMADIAN = SCHEMES / "zhumadian-yiyuan"
OF_A_COUNTY = Actor("county", "县里", frozenset({Role.CLERK, Role.APPROVER}), OF_ZHENGYANG)


def zipped(files: Mapping[str, str | bytes], top: str = "") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{top}{name}", content)
    return held.getvalue()


def next_year(file: Path) -> str:
    """Return the tutorial's scheme for 2028, with another sum for a death."""
    text = file.read_text("utf-8")
    text = text.replace("from: 2027-01-01, to: 2028-01-01", "from: 2028-01-01, to: 2029-01-01")
    return text.replace("- {fixed_fen: 6_000_000}", "- {fixed_fen: 5_000_000}")


def more_generous() -> str:
    """Return Zhumadian's scheme for 2020, with seven tenths where it pays a half."""
    text = (ZHUMADIAN / "2019-01-01.yaml").read_text("utf-8")
    assert "rate_bp: 5000" in text
    text = text.replace("from: 2019-01-01, to: 2020-01-01", "from: 2020-01-01, to: 2021-01-01")
    return text.replace("rate_bp: 5000", "rate_bp: 7000")


def laughs(deep: int) -> str:
    """Return a small text that is ten to the power of `deep` values once its aliases are written out."""
    lines = ["a0: &a0 x", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, deep + 1))]
    return "\n".join(lines) + "\n"


def sent(*uploads: tuple[str, bytes], actor: Actor = CLERK) -> Draft:
    return record_draft(uploads=uploads, actor=actor, occurred_at=AT, request_key=key())


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    make_city()
    City.objects.update(scheme="qingshi-tutorial")
    with override_settings(SCHEMES=tmp_path):
        yield copy_of_the_tutorial(tmp_path)


def put_in_force(file: Path) -> None:
    words = [item.key for item in to_accept(list_standings()[0][0].terms)]
    for act, actor in ((propose_version, ADMINISTRATOR), (approve_version, APPROVER)):
        act(
            valid_from=list_standings()[0][0].terms.valid.from_on,
            accepted=words,
            actor=actor,
            occurred_at=AT,
            request_key=key(),
        )


GOOD = {"2027-01-01.yaml": "scheme: x\n", "sources.yaml": "sources: {}\n", "golden/案例.yaml": "[]\n"}


def test_a_zip_of_the_directory_and_its_files_are_the_same_draft() -> None:
    flat = unpack([("x.zip", zipped(GOOD))])
    inside = unpack([("x.zip", zipped({**GOOD, "__MACOSX/._x": b"\0"}, top="qingshi/"))])
    loose = unpack([(name.rsplit("/", 1)[-1], text.encode()) for name, text in GOOD.items()])

    assert flat == inside == loose == GOOD


@pytest.mark.parametrize(
    ("uploads", "said"),
    [
        ([("x.zip", b"PK nothing")], "不是能解开的 zip"),
        ([("x.zip", zipped({**GOOD, "../2027-01-01.yaml": "a: 1"}))], "不认识"),
        ([("x.zip", zipped({**GOOD, "run.py": "import os"}))], "不认识 run.py"),
        ([("x.zip", zipped({**GOOD, "golden/.hidden.yaml": "[]"}))], "不认识"),
        ([("x.zip", zipped({"sources.yaml": "sources: {}"}))], "没有方案文件"),
        ([("x.zip", zipped({"2027-01-01.yaml": b" " * (UNPACKED_MAX + 1)}))], "解开以后超过"),
        ([("x.zip", zipped({**{f"golden/c{n}.yaml": "[]" for n in range(FILES_MAX)}, **GOOD}))], "个文件"),
        ([("2027-01-01.yaml", laughs(9).encode())], "别名"),
        ([("2027-01-01.yaml", b"[" * 60 + b"]" * 60)], "一层套一层"),
        ([("2027-01-01.yaml", b"inherits: ../../../etc/secret.yaml\n")], "只能是"),
        ([("2027-01-01.yaml", b"not_below: [statutory, /etc/x.yaml]\n")], "只能是"),
        ([("2027-01-01.yaml", b"\xff\xfe")], "UTF-8"),
        ([("2027-01-01.yaml", b"#" * 1_000_001)], "超过 1 MB"),
        ([("2027-01-01.yaml", b"a: 1"), ("2027-01-01.yaml", b"a: 1")], "有两份"),
    ],
)
def test_what_is_no_draft_is_refused_and_not_kept(
    file: Path, uploads: Sequence[tuple[str, bytes]], said: str
) -> None:
    with pytest.raises(errors.DraftUnreadable, match=said):
        sent(*uploads)

    assert not Draft.objects.exists()
    assert not Entry.objects.exists()


def test_a_draft_is_kept_with_every_finding_by_file_and_line(file: Path) -> None:
    text = next_year(file).replace("kind: death", "kind: deth", 1)
    line = next(n for n, one in enumerate(text.splitlines(), start=1) if "kind: deth" in one)

    draft = sent(("2028-01-01.yaml", text.encode()))

    assert (draft.scheme, draft.version) == ("qingshi-tutorial", "2028-01-01")
    faults = [one for one in draft.findings if one["severity"] == "error"]
    assert any((one["file"], one["line"]) == ("2028-01-01.yaml", line) for one in faults)
    assert "yiyuan-draft-" not in str(draft.findings)
    assert not is_sound(draft)
    assert not is_readable(draft)
    (entry,) = Entry.objects.all()
    assert (entry.verb, entry.detail["sha256"]) == ("upload_scheme_draft", draft.sha256)
    assert [one.version for one in list_drafts()] == ["2028-01-01"]
    assert not (file.parent / "2028-01-01.yaml").exists()


def test_the_same_key_keeps_one_and_nothing_of_it_changes(file: Path) -> None:
    upload, once = [("2028-01-01.yaml", next_year(file).encode())], key()

    first = record_draft(uploads=upload, actor=CLERK, occurred_at=AT, request_key=once)
    again = record_draft(uploads=upload, actor=CLERK, occurred_at=AT, request_key=once)

    assert first.pk == again.pk
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Draft.objects.update(version="2029-01-01")


@pytest.mark.parametrize("actor", [DESK, OF_A_COUNTY])
def test_others_upload_and_place_nothing(file: Path, actor: Actor) -> None:
    draft = sent(("2028-01-01.yaml", next_year(file).encode()))

    with pytest.raises(errors.RoleMissing):
        sent(("2028-01-01.yaml", b"a: 1"), actor=actor)
    with pytest.raises(errors.RoleMissing):
        place_draft(draft_id=draft.pk, actor=actor, occurred_at=AT, request_key=key())

    assert Draft.objects.count() == 1


def test_a_draft_goes_beside_the_version_in_force_and_decides_nothing_yet(file: Path) -> None:
    put_in_force(file)
    cases = file.parent / "golden" / "cases.yaml"
    worked = cases.read_bytes()
    draft = sent(("2028-01-01.yaml", next_year(file).encode()), ("cases.yaml", b"[]\n"))
    assert is_sound(draft), draft.findings

    place_draft(draft_id=draft.pk, actor=APPROVER, occurred_at=AT, request_key=key())
    place_draft(draft_id=draft.pk, actor=APPROVER, occurred_at=AT, request_key=key())

    standings, faults = list_standings()
    assert not faults
    assert [(one.terms.version, one.is_in_force) for one in standings] == [
        ("2027-01-01", True),
        ("2028-01-01", False),
    ]
    assert get_terms().version == "2027-01-01"
    assert cases.read_bytes() == worked
    assert (file.parent / "golden" / "2028-01-01-cases.yaml").is_file()
    assert Entry.objects.filter(verb="place_scheme_draft").count() == 2


def test_nothing_in_force_is_touched(file: Path) -> None:
    before = sent(("2028-01-01.yaml", next_year(file).encode()))
    with pytest.raises(errors.NothingInForce):
        place_draft(draft_id=before.pk, actor=APPROVER, occurred_at=AT, request_key=key())
    put_in_force(file)
    text = file.read_text("utf-8")
    same_day = sent(("2027-01-01.yaml", (text + "# 多一行\n").encode()))
    sources = (file.parent / "sources.yaml").read_text("utf-8")
    moved = sent(
        ("2028-01-01.yaml", next_year(file).encode()),
        ("sources.yaml", sources.replace("kind: press", "kind: gazette").encode()),
    )
    other = sent(("2027-01-01.yaml", text.replace("scheme: qingshi-tutorial", "scheme: other").encode()))

    for draft, refusal in (
        (same_day, errors.AlreadyInForce),
        (moved, errors.HasFaults),
        (other, errors.HasFaults),
    ):
        with pytest.raises(refusal):
            place_draft(draft_id=draft.pk, actor=APPROVER, occurred_at=AT, request_key=key())

    assert file.read_text("utf-8") == text
    assert (file.parent / "sources.yaml").read_text("utf-8") == sources
    assert not (file.parent / "2028-01-01.yaml").exists()


def test_the_past_is_replayed_behind_the_page_once() -> None:
    city_with(50_000, 90_000, 200_000)
    draft = sent(("2020-01-01.yaml", more_generous().encode()))
    asked = request_replay(draft_id=draft.pk, actor=CLERK, occurred_at=AT, request_key=(once := key()))

    with pytest.raises(RunUnderWay):
        request_replay(draft_id=draft.pk, actor=CLERK, occurred_at=AT, request_key=key())
    assert list_unfinished_replays() == [asked.pk]
    done = take_replay(asked.pk, actor=CLERK, now=lambda: AT)
    again = take_replay(asked.pk, actor=CLERK, now=lambda: AT)

    assert (done.state, again.result) == (DraftReplay.DONE, done.result)
    assert done.result is not None
    assert done.result["total"]["before_fen"] == 25_000 + 45_000 + 80_000
    assert done.result["total"]["after_fen"] == 35_000 + 63_000 + 80_000
    assert list_unfinished_replays() == []
    assert request_replay(draft_id=draft.pk, actor=CLERK, occurred_at=AT, request_key=once).pk == asked.pk
    assert Entry.objects.filter(verb="request_draft_replay").count() == 1
    assert load_draft(draft).sha256 != get_terms().sha256


def test_who_lost_the_post_since_has_nothing_replayed() -> None:
    city_with(50_000)
    draft = sent(("2020-01-01.yaml", more_generous().encode()))
    asked = request_replay(draft_id=draft.pk, actor=CLERK, occurred_at=AT, request_key=key())

    ended = take_replay(asked.pk, actor=DESK, now=lambda: AT)

    assert (ended.state, ended.failed_code, ended.result) == (DraftReplay.FAILED, "role_missing", None)


@pytest.mark.parametrize("table", ["schemes_draft", "screening_draftreplay"])
def test_a_county_sees_no_draft(table: str) -> None:
    city_with(50_000)
    draft = sent(("2020-01-01.yaml", more_generous().encode()))
    request_replay(draft_id=draft.pk, actor=CLERK, occurred_at=AT, request_key=key())
    assert count_rows(table) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT relforcerowsecurity FROM pg_class WHERE relname = %s", [table])
        assert cursor.fetchone() == (True,)

    with seen_as(OF_ZHENGYANG):
        assert count_rows(table) == 0


def posted(client: Client, path: str, **data: object) -> str:
    return client.post(path, {"request_key": key(), **data}, follow=True).text


def test_from_an_upload_to_a_replay_on_the_site() -> None:
    city_with(50_000, 90_000, 200_000)
    client = signed_in(CLERK)

    page = posted(
        client, "/scheme/drafts/", files=[SimpleUploadedFile("2020-01-01.yaml", more_generous().encode())]
    )
    draft = Draft.objects.get()
    assert "没有错误" in page
    assert "70" in page
    waiting = posted(client, f"/scheme/drafts/{draft.pk}/replay/")
    asked = DraftReplay.objects.get()
    assert 'hx-trigger="every 2s"' in waiting
    take_replay(asked.pk, actor=CLERK, now=lambda: AT)
    polled = client.get(f"/scheme/drafts/replays/{asked.pk}/", headers={"HX-Request": "true"})
    found = client.get(f"/scheme/drafts/replays/{asked.pk}/").text

    assert polled.headers["HX-Refresh"] == "true"
    assert "280.00" in found
    assert 'class="replay-bar"' in found
    again = client.get(f"/scheme/drafts/{draft.pk}/").text
    assert "试一个案例" in again
    line = again[again.index(f"/scheme/drafts/replays/{asked.pk}/") - 200 :][:500]
    assert "已算完" in line
    assert "一共差 280.00 元" in line


def test_what_only_differs_from_its_worked_cases_may_be_compared_and_replayed_and_is_not_placed() -> None:
    city_with(50_000, 90_000)
    same_year = (ZHUMADIAN / "2019-01-01.yaml").read_text("utf-8").replace("rate_bp: 5000", "rate_bp: 7000")
    client = signed_in(APPROVER)

    page = posted(
        client, "/scheme/drafts/", files=[SimpleUploadedFile("2019-01-01.yaml", same_year.encode())]
    )

    draft = Draft.objects.get()
    assert not is_sound(draft)
    assert is_readable(draft)
    assert "与手算案例对不上" in page
    assert "benefit_fen：手算 300.00 元，算得 420.00 元" in page
    assert f"/scheme/drafts/{draft.pk}/place/" not in page
    posted(client, f"/scheme/drafts/{draft.pk}/replay/")
    asked = take_replay(DraftReplay.objects.get().pk, actor=APPROVER, now=lambda: AT)
    assert "照草案多赔 280.00 元" in client.get(f"/scheme/drafts/replays/{asked.pk}/").text
    with pytest.raises(errors.HasFaults):
        place_draft(draft_id=draft.pk, actor=APPROVER, occurred_at=AT, request_key=key())


def test_what_to_do_stands_above_what_differs() -> None:
    city_with(50_000)
    draft = sent(("2020-01-01.yaml", more_generous().encode()))

    page = signed_in(CLERK).get(f"/scheme/drafts/{draft.pk}/").text

    places = [page.index(f'id="{name}"') for name in ("summary", "replay", "place", "notes", "differences")]
    assert places == sorted(places)
    assert page[places[4] :].index("<details>") < page[places[4] :].index('class="entries"')


def test_a_case_is_tried_on_a_draft(file: Path) -> None:
    draft = sent(("2028-01-01.yaml", next_year(file).encode()))
    client = signed_in(CLERK)
    City.objects.update(scheme="qingshi-tutorial")

    page = client.get(f"/scheme/try/?draft={draft.pk}&cause=brave_act").text

    assert f'name="draft" value="{draft.pk}"' in page
    assert "2028-01-01" in page
    assert client.get("/scheme/try/?draft=999999").status_code == 404


def test_a_page_tells_every_finding_and_refuses_a_county(file: Path) -> None:
    text = next_year(file).replace("kind: death", "kind: deth", 1)
    client = signed_in(CLERK)
    City.objects.update(scheme="qingshi-tutorial")

    page = posted(client, "/scheme/drafts/", files=[SimpleUploadedFile("2028-01-01.yaml", text.encode())])
    refused = posted(client, "/scheme/drafts/", files=[SimpleUploadedFile("x.zip", b"PK")])

    assert "处要改" in page
    assert "2028-01-01.yaml:" in page
    assert "不是能解开的 zip" in refused
    assert signed_in(OF_A_COUNTY).get("/scheme/drafts/").status_code == 403


def test_a_draft_of_another_scheme_is_told_at_once(file: Path) -> None:
    text = next_year(file)
    own = sent(("2028-01-01.yaml", text.encode()))
    other = sent(("2028-01-01.yaml", text.replace("scheme: qingshi-tutorial", "scheme: other").encode()))

    told = [
        [one["severity"] for one in draft.findings if "不能放进方案目录" in str(one["text"])]
        for draft in (own, other)
    ]
    assert told == [[], ["warning"]]
