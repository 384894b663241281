"""Every scheme of the checkout is said in plain words, and every cause has facts to try a case with."""

from pathlib import Path

import pytest
from django.utils.translation import override

from yiyuan.interfaces.desk.event_sections import event_sections
from yiyuan.rules.scheme_file.loading import load_versions
from yiyuan.rules.terms import SchemeVersion
from yiyuan.rules.trial import benefits_of, facts_asked

CHECKOUT = Path(__file__).parents[3]
DIRECTORIES = sorted(
    file.parent
    for home in (CHECKOUT / "schemes", CHECKOUT / "tests" / "schemes-of-others")
    for file in home.glob("*/sources.yaml")
)
VERSIONS = [version for directory in DIRECTORIES for version in load_versions(directory)]
IDS = [f"{version.id}-{version.version}" for version in VERSIONS]


def tutorial() -> SchemeVersion:
    return next(version for version in VERSIONS if version.id == "qingshi-tutorial")


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_every_term_has_words(version: SchemeVersion) -> None:
    events = version.events
    parts = {part.id: part.rows for part in event_sections(version)}

    for name, terms in (("benefits", events.benefits), ("limits", events.limits), ("cover", events.cover)):
        assert len(parts.get(name, [])) == len(terms)
    for row in [row for rows in parts.values() for row in rows]:
        assert row.name
        assert row.clause in version.clauses
        # No word of the file's own language is left where a person reads.
        assert not any("None" in line or "object at" in line for line in row.lines)
    for row, benefit in zip(parts.get("benefits", []), events.benefits, strict=True):
        assert not any(line.rstrip().endswith("：") for line in row.lines), benefit.name


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_every_cause_has_facts_to_ask(version: SchemeVersion) -> None:
    for liability in version.liabilities:
        asked = [fact.name for fact in facts_asked(version, liability)]

        assert len(asked) == len(set(asked))
        claiming = {name for one in benefits_of(version, liability) for name in one.claimed_with}
        derived = {name for name in claiming if version.events.facts[name].derived}
        assert claiming - derived <= set(asked)
        assert not {"on", "filed_on", "cause"} & set(asked)


def test_the_tutorials_words() -> None:
    with override("zh-hans"):
        rows = {row.name: row for part in event_sections(tutorial()) for row in part.rows}

    assert rows["身亡"].lines[2] == "赔：出险原因：未成年人溺水，赔 30,000.00 元；其余，赔 60,000.00 元"
    assert "户籍" in rows["户籍居民"].lines[0]
    assert rows["medical_year"].lines[0] == "每人，每年：6,000.00 元"
    assert "在这些限额之内：person_year" in rows["medical_year"].lines
    assert "没有答复；案子用得到它时先待定" in rows["一次灾害超过 300 万元时，按比例分，还是按先后付？"].lines


def test_drowning_asks_only_what_it_turns_on() -> None:
    drowning = next(one for one in tutorial().liabilities if one.cause == "minor_drowning")

    names = {fact.name for fact in facts_asked(tutorial(), drowning)}

    assert {"died", "birth_on", "residence", "in_mainland", "intent"} <= names
    assert not {"damage", "disability_grade", "out_of_pocket_fen", "certified_by", "recognised_by"} & names
