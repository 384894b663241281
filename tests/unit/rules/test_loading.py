"""A wrong scheme file is refused with file, line and clause, and with the nearest right word."""

from datetime import date
from pathlib import Path

import pytest

from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.events.amounts import Fixed
from yiyuan.rules.scheme_file.loading import load_scheme, load_versions, read_file
from yiyuan.rules.terms import SchemeVersion, Tier

# What is broken, what stands there instead, and what must be said; the line is found by the broken text.
ONE_INSURER = "insurers: {clause: TENDER-1, rows: [{name: a, name_zh: 甲, name_en: A, %s}]}\n"
FAULTS = [
    ("rate_fen_per_person_year: 100", "rate_fen_per_persn_year: 100", "是不是 rate_fen_per_person_year"),
    (
        "premium: {rate_fen_per_person_year: 100, clause: PREMIUM-1}",
        "premium: {rate_fen_per_person_year: 100}",
        "没有写依据的条款",
    ),
    ("clause: PREMIUM-1}", "clause: PREMIUM-9}", "没有条款 PREMIUM-9，是不是 PREMIUM-1"),
    (
        "rate_bp: 5000, clause: MED-1A}\n        - {from_fen: 100_000, fixed_fen",
        "rate_bp: 0.5, clause: MED-1A}\n        - {from_fen: 100_000, fixed_fen",
        "rate_bp 应是整数",
    ),
    ("through_fen: 100_000", "through_fen: 90_000", "900.01 元到 999.99 元之间没有条款管"),
    ("through_fen: 100_000", "through_fen: 110_000", "1,000.00 元到 1,100.00 元有两档同时管"),
    ("shared: {to: this,", "shared: {to: thiss,", "是不是 this"),
    ("default_reading: flat", "default_reading: flatt", "是不是 flat"),
    ("prefixes: [C15]", "prefixes: [C16]", "一个前缀只能归一种病"),
    ("prefixes: [C15]", "prefixes: []", "至少要有一个诊断编码前缀"),
    ("sex: '2'", "sex: F", "sex 不能是“F”"),
    ("max_age: 14, confidence", "max_age: forteen, confidence", "max_age 应是整数"),
    ("needs_proof: true", "needs_proof: yes", "应是 true 或 false"),
    ("to: 2020-01-01", "to: 2018-01-01", "应晚于起始日"),
    ("from: 2019-01-01", "from: 2019-02-01", "文件名应是 2019-02-01.yaml"),
    ("from: 2019-01-01", "from: 2019-02-30", "应是日期"),
    ("source: S2", "source: S9", "没有出处 S9"),
    ("  reversed: REVERSE-1\n", "", "缺少 reversed"),
    ("background: [ORG-1, ", "background: [", "没有任何条目依据这一条"),
    ("tile: [2, 3]", "tile: [2, x]", "tile 应是 [列, 行]"),
    ("code: '411721'", "code: '411702'", "县区代码 411702 写了两次"),
    ("premium: {", "premium: {clause: PREMIUM-1, ", "“clause”写了两次"),
    ("working_days: 10, clause", "working_days: 10, calendar_days: 10, clause", "其中一个"),
    ("limit_fen: 20_000_000", "limit_fen: 0", "超出范围"),
    ("title_en: Zhumadian", "title_en: '' #", "title_en 是空的"),
    ("liability: L7", "liability: L8", "不认识责任 L8"),
    ("pool_excluded: []", "pool_excluded: ['411792']", "是不是 411729"),
    ("maf_pay_fen", "mfa_pay_fen", "是不是 maf_pay_fen"),
    ("reading_en: calculated", "reading_en: '' # calculated", "reading_en 是空的"),
    ("reading_en: calculated", "reading_eng: calculated", "是不是 reading_en"),
    ("confidence: found}", "confidence: found, assumed_en: x}", "有 assumed_en，没有 assumed"),
    (
        "    documents_en:\n",
        "    documents_en:\n      - One more\n",
        "documents_en 有 12 项，应与 documents 的 11 项",
    ),
    ("[Police, Fire and rescue,", "[Police,", "certifying_bodies_en 有 2 项，应与 certifying_bodies 的 3 项"),
]

# These are found in another place than where the text was broken.
FOUND_ELSEWHERE = ("没有任何条目", "缺少", "写了两次")


@pytest.fixture
def copy(tmp_path: Path, zhumadian_directory: Path) -> Path:
    for name in ("2019-01-01.yaml", "sources.yaml"):
        (tmp_path / name).write_bytes((zhumadian_directory / name).read_bytes())
    return tmp_path / "2019-01-01.yaml"


@pytest.mark.parametrize(("right", "wrong", "said"), FAULTS)
def test_a_fault_is_named_with_its_line(copy: Path, right: str, wrong: str, said: str) -> None:
    text = copy.read_text("utf-8")
    assert right in text
    copy.write_text(text.replace(right, wrong, 1), "utf-8")
    line = text[: text.index(right)].count("\n") + 1

    version, findings = read_file(copy)

    assert version is None
    about = [finding for finding in findings.found if said in finding.message]
    assert about, [str(finding) for finding in findings.found]
    assert about[0].file == str(copy)
    if not any(word in said for word in FOUND_ELSEWHERE):
        assert abs(about[0].line - line) <= 2


def test_every_fault_is_named_at_once(copy: Path) -> None:
    text = copy.read_text("utf-8").replace("rate_fen_per_person_year: 100", "rate_fen_per_person_year: x")
    copy.write_text(text.replace("default_reading: flat", "default_reading: z"), "utf-8")

    with pytest.raises(SchemeError) as refused:
        load_scheme(copy.parent)

    assert "rate_fen_per_person_year 应是整数" in str(refused.value)
    assert "readings 里没有 z" in str(refused.value)


def test_a_boundary_that_two_clauses_claim_needs_a_reading(copy: Path) -> None:
    text = copy.read_text("utf-8")
    start = text.index(",\n           shared: {to: this")
    copy.write_text(text[:start] + text[text.index("}}", start) + 1 :], "utf-8")

    _, findings = read_file(copy)

    assert [finding.clause for finding in findings.found] == ["MED-1B"]
    assert "正好 1,000.00 元两档都管" in findings.found[0].message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"a: [1\nb: 2\n", "不是正确的 YAML"),
        ("标题: 甲".encode("gb18030"), "UTF-8"),
        (b"- 1\n", "一组"),
        (b"scheme: &a [*a]\n", "指回了自己"),
        (b"scheme: \x01\n", "不是正确的 YAML"),
    ],
)
def test_what_is_no_scheme_is_refused(copy: Path, content: bytes, said: str) -> None:
    copy.write_bytes(content)

    with pytest.raises(SchemeError, match=said):
        load_scheme(copy.parent)


def test_a_missing_directory_version_and_source_file_are_refused(copy: Path) -> None:
    with pytest.raises(SchemeError, match="没有这个方案目录"):
        load_scheme(copy.parent / "absent")
    with pytest.raises(SchemeError, match=r"没有 2020-01-01 起的版本；有的是 2019-01-01"):
        load_scheme(copy.parent, date(2020, 1, 1))
    (copy.parent / "sources.yaml").unlink()
    with pytest.raises(SchemeError, match=r"sources\.yaml"):
        load_versions(copy.parent)


def test_several_versions_need_a_choice(copy: Path) -> None:
    text = copy.read_text("utf-8").replace("{from: 2019-01-01, to: 2020-01-01", "{from: 2020-01-01")
    (copy.parent / "2020-01-01.yaml").write_text(text, "utf-8")

    with pytest.raises(SchemeError, match="--version"):
        load_scheme(copy.parent)
    assert load_scheme(copy.parent, date(2020, 1, 1)).valid.to_on is None
    assert [version.version for version in load_versions(copy.parent)] == ["2019-01-01", "2020-01-01"]


def test_the_scheme_says_what_the_document_fixes(zhumadian: SchemeVersion) -> None:
    flat = zhumadian.top_up.reading()

    assert zhumadian.premium is not None
    assert zhumadian.premium.rate_fen_per_person_year == 100
    assert len(zhumadian.diseases) == 33
    assert [liability.code for liability in zhumadian.liabilities] == [
        "L1",
        "L2",
        "L3",
        "L4",
        "L5",
        "L6",
        "L7",
    ]
    assert [group.code for group in zhumadian.groups] == [
        "registered_poor",
        "subsistence_allowance",
        "destitute_support",
        "severe_disability",
        "urban_needy_worker",
        "orphan",
    ]
    assert flat.name == "flat"
    assert flat.tiers == (  # type: ignore[union-attr]  # the default reading is one of tiers
        Tier(0, 100_000, 5000, None, "MED-1A"),
        Tier(100_000, None, None, 80_000, "MED-1B"),
    )
    (person_top,) = [limit for limit in zhumadian.events.limits if limit.name == "person_top"]
    assert person_top.amount == Fixed(20_000_000)


def test_every_limit_no_source_gives_is_marked_assumed(zhumadian: SchemeVersion) -> None:
    limits = zhumadian.events.limits

    assert limits
    without = [one.name for one in limits if not (one.assumed or zhumadian.clauses[one.clause].assumed)]
    # The document names the most a person is paid, and nothing else.
    assert without == ["person_top"]
    assert all(disease.assumed for disease in zhumadian.diseases)
    assert zhumadian.clauses["PREMIUM-1"].assumed is None


def remarks_with(copy: Path, right: str, wrong: str) -> list[tuple[int, str | None, str]]:
    text = copy.read_text("utf-8")
    assert right in text
    copy.write_text(text.replace(right, wrong, 1), "utf-8")
    version, findings = read_file(copy)
    assert version is not None, [str(finding) for finding in findings.found]
    return [(remark.line, remark.clause, remark.message) for remark in findings.remarks]


@pytest.mark.parametrize(
    ("right", "clause", "said"),
    [
        ("    place_en: Project report, I Organisation, 1\n", "PERIOD-1", "place 没有英文（place_en）"),
        (
            "    reading_en: calculated to the fen (0.01 yuan), half a fen rounded up\n",
            "MED-1A",
            "reading 没有英文（reading_en）",
        ),
        (
            ',\n                  reading_en: "at exactly 10,000 yuan the shorter time holds"',
            None,
            "reading 没有英文",
        ),
        (", assumed_en: that C19 belongs here is assumed", "MED-2", "assumed 没有英文（assumed_en）"),
        (
            "    certifying_bodies_en: [Police, Fire and rescue, Emergency management]\n",
            "COVER-L2",
            "certifying_bodies 没有英文（certifying_bodies_en）",
        ),
    ],
)
def test_missing_english_is_a_remark_with_its_line(
    copy: Path, right: str, clause: str | None, said: str
) -> None:
    text = copy.read_text("utf-8")
    line = text[: text.index(right)].count("\n") + 1

    [(found_line, found_clause, message)] = remarks_with(copy, right, "")

    assert message.startswith(said)
    assert found_clause == clause
    assert abs(found_line - line) <= 1


def test_missing_english_of_a_source_is_a_remark(copy: Path) -> None:
    sources = copy.parent / "sources.yaml"
    sources.write_text(sources.read_text("utf-8").replace("    publisher_en: Zhumadian Net\n", ""), "utf-8")

    _, findings = read_file(copy)

    assert [(Path(remark.file).name, remark.message) for remark in findings.remarks] == [
        ("sources.yaml", "publisher 没有英文（publisher_en）")
    ]


def test_the_scheme_lacks_no_english(zhumadian_directory: Path) -> None:
    _, findings = read_file(zhumadian_directory / "2019-01-01.yaml")

    assert findings.remarks == []


def test_a_text_said_once_stands_where_it_is_named_again(zhumadian: SchemeVersion) -> None:
    by_code = {county.code: county.assumed_en for county in zhumadian.counties}

    assert by_code["411702"] is None
    assert by_code["411721"] == "no figure for 2019 was found; that of 2011 is used"
    assert by_code["411728"] == by_code["411721"]
    assert len({liability.documents_en[0] for liability in zhumadian.liabilities[:6]}) == 1


def test_a_row_takes_the_english_of_the_list_only_with_its_words(zhumadian: SchemeVersion) -> None:
    own = {disease.code: disease.assumed_en for disease in zhumadian.diseases}

    assert str(own["D01"]).startswith("no source gives the list")
    assert own["D06"] == "that C19 belongs here is assumed"


def test_a_row_without_english_of_its_own_does_not_borrow_the_lists(copy: Path) -> None:
    remarks_with(copy, ", assumed_en: that C19 belongs here is assumed", "")

    version, _ = read_file(copy)

    assert version is not None
    assert {disease.code: disease.assumed_en for disease in version.diseases}["D06"] is None
