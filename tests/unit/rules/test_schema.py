"""The JSON Schema for editors: every plan fits it, and it knows the keys that the parser asks for."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from yiyuan.rules.scheme_file.loading import load_cases, read_file
from yiyuan.rules.scheme_file.located import Section
from yiyuan.rules.scheme_file.reference import (
    CASES_SCHEMA_FILE,
    SCHEMA_FILE,
    SOURCES_SCHEMA_FILE,
    load_schema,
    reference,
)

ROOT = Path(__file__).parents[3]
PLANS = sorted([*ROOT.glob("schemes/*/2*.yaml"), *ROOT.glob("tests/schemes-of-others/*/2*.yaml")])
PAGE = ROOT / "docs" / "schemes" / "reference.md"
SCHEMA = load_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FOLDERS = [file.parent for file in PLANS]
BESIDE = {
    **{folder / "sources.yaml": load_schema(SOURCES_SCHEMA_FILE) for folder in FOLDERS},
    **{file: load_schema(CASES_SCHEMA_FILE) for one in FOLDERS for file in sorted(one.glob("golden/*.yaml"))},
}


class Plain(yaml.SafeLoader):
    """YAML as editors read it: `on` is a word and a date is a text."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith((":timestamp", ":bool"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def plan(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = _with_flags(yaml.load(file.read_text("utf-8"), Loader=Plain))
    return read


def _with_flags(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_flags(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_flags(inner) for inner in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", PLANS, ids=[file.parent.name for file in PLANS])
def test_every_plan_fits(file: Path) -> None:
    assert [f"{list(error.path)}: {error.message}" for error in VALIDATOR.iter_errors(plan(file))] == []


@pytest.mark.parametrize("file", BESIDE, ids=[f"{one.parent.name}/{one.name}" for one in BESIDE])
def test_every_file_beside_a_plan_fits(file: Path) -> None:
    schema = BESIDE[file]

    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema).iter_errors(plan(file))

    assert [f"{list(error.path)}: {error.message}" for error in found] == []


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if set(value) & {"clause", "text", "code", "name"}:
            yield value
        for inner in value.values():
            yield from _mappings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mappings(inner)


def test_an_unknown_key_is_refused_by_the_schema_as_by_the_check(tmp_path: Path) -> None:
    file = ROOT / "schemes" / "huangping-yiyuan" / "2016-01-01.yaml"
    right = plan(file)
    (tmp_path / "sources.yaml").write_text((file.parent / "sources.yaml").read_text("utf-8"), "utf-8")
    number = len(list(_mappings(right)))

    for place in range(number):
        wrong = deepcopy(right)
        list(_mappings(wrong))[place]["unheard_of"] = "x"
        copy = tmp_path / file.name
        copy.write_text(yaml.safe_dump(wrong, allow_unicode=True), "utf-8")

        version, findings = read_file(copy)

        assert version is None
        assert any("unheard_of" in found.message for found in findings.found)
        assert not VALIDATOR.is_valid(wrong)


def test_the_reference_is_written_from_the_schema() -> None:
    assert PAGE.read_text("utf-8") == reference(SCHEMA), (
        "run ./yiyuan scheme reference > docs/schemes/reference.md"
    )


def test_the_schema_stands_where_its_page_says() -> None:
    assert SCHEMA_FILE.is_file()


def test_a_law_that_comes_by_two_parents_is_one_law() -> None:
    (file,) = (ROOT / "tests" / "schemes-of-others" / "synthetic-city").glob("2*.yaml")

    _, findings = read_file(file)

    assert not [text for text in map(str, findings.remarks) if "被另写了一条" in text]


def test_the_schemas_of_sources_and_cases_know_the_keys_the_parser_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, set[str]] = {}
    of_sources: set[frozenset[str]] = set()
    close = Section.close

    def note(self: Section) -> None:
        asked.setdefault(self.name, set()).update(self._asked)
        if "read_on" in self._asked:
            of_sources.add(frozenset(self._asked))
        close(self)

    monkeypatch.setattr(Section, "close", note)
    for file in BESIDE:
        if file.parent.name == "golden":
            load_cases(file)
        else:
            read_file(next(file.parent.glob("2*.yaml")))

    cases = load_schema(CASES_SCHEMA_FILE)["items"]["properties"]
    source = load_schema(SOURCES_SCHEMA_FILE)["properties"]["sources"]["additionalProperties"]
    assert asked["案例"] == set(cases)
    assert asked["expect"] == set(cases["expect"]["properties"])
    assert of_sources == {frozenset(source["properties"])}


def test_a_wrong_word_beside_a_plan_is_refused_by_the_schema() -> None:
    source = {"title": "x", "kind": "rumour", "publisher": "x", "url": "x", "read_on": "x"}
    case = {"case": "x", "on": "2019-01-01", "expect": {"benefits_fen": 1}}

    assert not Draft202012Validator(load_schema(SOURCES_SCHEMA_FILE)).is_valid({"sources": {"S1": source}})
    assert not Draft202012Validator(load_schema(CASES_SCHEMA_FILE)).is_valid([case])


# Lists of the file's top whose rows the parser reads key by key, and sections that it reads so.
ROWS = (
    "questions", "cover", "liabilities", "exclusions", "benefits", "limits", "combine", "clocks", "filing",
    "papers",
)  # fmt: skip
WHOLE = ("several_causes", "area", "valid", "insurers", "groups", "diseases", "medical")


def test_the_schema_knows_the_keys_the_parser_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[str]] = {}
    close = Section.close

    def note(self: Section) -> None:
        asked.setdefault(self.name, set()).update(self._asked)
        close(self)

    monkeypatch.setattr(Section, "close", note)
    for file in PLANS:
        read_file(file)

    top = SCHEMA["properties"]
    known = {f"方案 的 {name}": top[name]["items"] for name in ROWS} | {name: top[name] for name in WHOLE}
    differing = {
        name: asked[name] ^ (set(part["properties"]) - {"drop"})
        for name, part in known.items()
        if asked[name] ^ (set(part["properties"]) - {"drop"})
    }
    assert differing == {}
    assert asked["方案"] ^ set(top) == set()
