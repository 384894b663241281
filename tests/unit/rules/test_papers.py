"""Which papers a case asks for, and which are missing."""

from pathlib import Path

import pytest

from tests.unit.rules.plain import DEATH as DEATH_BENEFIT
from tests.unit.rules.plain import faults, read
from yiyuan.rules.events.conditions import Scope
from yiyuan.rules.events.facts import PERSON, Subject, Value, World
from yiyuan.rules.papers import AskedPaper, missing_papers, papers_of
from yiyuan.rules.terms import SchemeVersion

DEATH = ("居民死亡医学证明", "户籍注销证明", "火化证明")
PAPERS = (
    DEATH_BENEFIT
    + """\
papers:
  - {paper: 身份证, paper_en: Identity card, held_by_register: true, clause: C-1}
  - {paper: 申请书, paper_en: Application, clause: C-1}
  - {any: 2, of: [居民死亡医学证明, 户籍注销证明, 火化证明], of_en: [a, b, c], benefits: [death], clause: C-1}
  - {paper: 发票, paper_en: Invoice, kinds: [medical], clause: C-1}
  - {paper: 监护关系证明, paper_en: Guardianship, when: {age: {below: 18}}, liabilities: [L1], clause: C-1}
"""
)


def asked(version: SchemeVersion, benefits: dict[str, str], **values: Value) -> list[AskedPaper]:
    world = World(version.events.facts)
    scope = Scope(Subject(world, PERSON, "p", values), {}, "fire")
    return papers_of(version.papers, "L1", benefits, scope)


def test_papers_follow_benefit_kind_and_person(tmp_path: Path) -> None:
    version = read(tmp_path, PAPERS)

    of_a_child = asked(version, {"death": "death"}, age=17)
    of_an_adult = asked(version, {"hospital": "medical"}, age=18)

    assert [paper.names for paper in of_a_child] == [("申请书",), DEATH, ("监护关系证明",)]
    assert [paper.names for paper in of_an_adult] == [("申请书",), ("发票",)]
    assert [paper.any_of for paper in of_a_child] == [1, 2, 1]


def test_what_a_register_holds_is_never_asked(tmp_path: Path) -> None:
    papers = asked(read(tmp_path, PAPERS), {"death": "death"}, age=17)

    assert "身份证" not in {name for paper in papers for name in paper.names}


def test_a_paper_that_hangs_on_an_open_fact_names_the_fact(tmp_path: Path) -> None:
    papers = asked(read(tmp_path, PAPERS), {"hospital": "medical"})

    assert [(paper.names, bool(paper.open_facts)) for paper in papers] == [
        (("申请书",), False),
        (("发票",), False),
        (("监护关系证明",), True),
    ]
    assert papers[-1].open_facts == ("birth_on", "on")


def test_any_two_of_three_are_enough(tmp_path: Path) -> None:
    papers = asked(read(tmp_path, PAPERS), {"death": "death"}, age=40)

    one = missing_papers(papers, {"申请书", "火化证明"})
    two = missing_papers(papers, {"申请书", "火化证明", "户籍注销证明"})

    assert [(paper.names, paper.names_en, paper.any_of) for paper in one] == [(DEATH[:2], ("a", "b"), 1)]
    assert two == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{any: 4, of: [a, b, c], clause: C-1}", "of 只有 3 种材料，交不出 4 种"),
        ("{clause: C-1}", "应写 paper"),
        ("{paper: a, of: [b], any: 1, clause: C-1}", "应写 paper"),
        ("{paper: a}", "没有写依据的条款"),
        ("{paper: a, kinds: [deth], clause: C-1}", "是不是 death"),
        ("{paper: a, benefits: [deth], clause: C-1}", "不认识赔付项目 deth"),
        ("{paper: a, liabilities: [L2], clause: C-1}", "不认识责任 L2"),
        ("{paper: a, when: {agee: 1}, clause: C-1}", "没有申明事实 agee，是不是 age"),
    ],
)
def test_faults_of_papers(tmp_path: Path, text: str, said: str) -> None:
    found = faults(tmp_path, f"papers: [{text}]\n")

    assert any(said in message for message in found), found
