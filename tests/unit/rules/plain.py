"""The plainest scheme there is (最短的方案): a title, a clause, a cause; tests add what they are about."""

from collections.abc import Mapping
from pathlib import Path

from yiyuan.rules.assessment import Assessment, assess
from yiyuan.rules.scheme_file.loading import load_cases, read_file
from yiyuan.rules.terms import SchemeVersion

HEAD = """\
scheme: plain
title: 小方案
valid: {from: 2019-01-01, clause: C-1}
clauses:
  C-1: {text: 一条, text_en: one, assumed: 试验用, assumed_en: for a test}
"""
CAUSE = """\
liabilities:
  - {code: L1, cause: fire, name_zh: 火灾, name_en: Fire, trigger: 火灾, trigger_en: fire, clause: C-1}
"""

DEATH = """\
benefits:
  - name: death
    name_zh: 死亡
    name_en: Death
    kind: death
    claimed_with: died
    amount: {fixed_fen: 1}
    payee: heirs
    clause: C-1
"""


def write(folder: Path, text: str, name: str = "2019-01-01.yaml") -> Path:
    """Write a file of a scheme with an empty list of sources beside it; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "sources.yaml").exists():
        (folder / "sources.yaml").write_text("sources: {}\n", "utf-8")
    (folder / name).write_text(text, "utf-8")
    return folder / name


def read(folder: Path, text: str) -> SchemeVersion:
    """Return the version of a plain scheme with these sections, which must be in order."""
    version, findings = read_file(write(folder, HEAD + CAUSE + text))
    assert version is not None, [str(finding) for finding in findings.found]
    return version


def faults(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a plain scheme with these sections, without the place."""
    version, findings = read_file(write(folder, HEAD + CAUSE + text))
    assert version is None, "the scheme is in order"
    return [finding.message for finding in findings.found]


def county(code: str, name: str, **more: object) -> str:
    """Return a county as a row of a file."""
    further: Mapping[str, object] = more
    return (
        "    - {"
        + ", ".join([f"code: '{code}'", f"name_zh: {name}", *(f"{k}: {v}" for k, v in further.items())])
        + "}\n"
    )


AREA = "area:\n  clause: C-1\n  counties:\n" + county("411702", "驿城区") + county("411721", "西平县")


def decided(folder: Path, version: SchemeVersion, facts: str) -> Assessment:
    """Return what the version makes of a case of these facts on 10 July 2019."""
    file = folder / "case.yaml"
    file.write_text(f"- {{case: one, on: 2019-07-10, facts: {{cause: fire, {facts}}}}}\n", "utf-8")
    return assess(version, load_cases(file)[0], [])
