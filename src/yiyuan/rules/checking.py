"""Checking a scheme (方案检查): everything wrong with a scheme directory, its worked cases included.

In: a scheme directory and the holiday rows. Out: faults, and remarks that fail nothing: what is assumed, and
with what origin; what lacks its English.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yiyuan.kernel.errors import CaseError, SchemeError
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.assessment import assess, choose_version, mismatches
from yiyuan.rules.remarks import remarks
from yiyuan.rules.scheme_file.loading import load_cases, read_file, version_files
from yiyuan.rules.scheme_file.located import LACKS_ENGLISH, Finding, Findings
from yiyuan.rules.terms import SchemeVersion

GOLDEN = "golden"


@dataclass(slots=True)
class Report:
    """What a check found: faults, what is worth a look, what is assumed, what lacks its English."""

    faults: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    untranslated: list[str] = field(default_factory=list)
    versions: int = 0
    cases: int = 0


def check_scheme(directory: Path, holidays: Sequence[HolidayRow]) -> Report:
    """Return everything wrong with the directory; an empty list of faults means it may be used."""
    report = Report()
    versions: list[SchemeVersion] = []
    try:
        files = version_files(directory)
        for file in files:
            version, findings = read_file(file)
            report.faults.extend(str(finding) for finding in findings.found)
            _sort_remarks(findings, report)
            if version is not None:
                versions.append(version)
                report.assumed.extend(assumptions(version))
                report.remarks.extend(_remarks(version, findings))
    except SchemeError as error:
        report.faults.append(str(error))
        return report
    report.versions = len(versions)
    report.faults.extend(_overlaps(directory, versions))
    if len(versions) == len(files):
        run_golden(directory, versions, holidays, report)
    return report


def _remarks(version: SchemeVersion, findings: Findings) -> Iterator[str]:
    # A remark stands at the first term that rests on its clause.
    lines = {clause: line for line, clause in reversed(findings.cited)}
    for remark in remarks(version):
        place = findings.place(lines.get(remark.clause, 1))
        yield str(Finding(*place, remark.clause, remark.message))


def _sort_remarks(findings: Findings, report: Report) -> None:
    for remark in findings.remarks:
        texts = report.untranslated if LACKS_ENGLISH in remark.message else report.remarks
        if str(remark) not in texts:
            texts.append(str(remark))


def run_golden(
    directory: Path, versions: Sequence[SchemeVersion], holidays: Sequence[HolidayRow], report: Report
) -> None:
    """Run the worked cases of the directory and add what does not match to the report."""
    for file in sorted((directory / GOLDEN).glob("*.yaml")):
        try:
            cases = load_cases(file)
        except CaseError as error:
            report.faults.append(str(error))
            continue
        for case in cases:
            report.cases += 1
            if case.expect is None:
                report.faults.append(str(Finding(str(file), case.line, case.name, "手算案例没有写 expect")))
                continue
            try:
                wrong = mismatches(assess(choose_version(versions, case), case, holidays), case)
            except (CaseError, SchemeError) as error:
                # A fault of a fact names its own line.
                is_placed = str(error).startswith(str(file))
                report.faults.append(
                    str(error) if is_placed else str(Finding(str(file), case.line, case.name, str(error)))
                )
                continue
            report.faults.extend(str(Finding(str(file), case.line, case.name, text)) for text in wrong)


def assumptions(version: SchemeVersion) -> Iterator[str]:
    """Yield every assumed term with its origin, for the persons who put the version in force."""
    named: list[tuple[str, str | None]] = [
        *((f"条款 {clause.id}", clause.assumed) for clause in version.clauses.values()),
        *((f"县区 {county.code} {county.name_zh}", county.assumed) for county in version.counties),
        *((f"病种 {disease.code} {disease.name_zh}", disease.assumed) for disease in version.diseases),
    ]
    for liability in version.liabilities:
        named.append((f"责任 {liability.code} {liability.name_zh}", liability.assumed))
        named.extend((f"限额 {liability.code} {limit.name}", limit.assumed) for limit in liability.limits)
    for name, origin in named:
        if origin is not None:
            yield f"{version.id} {version.version} {name}：推定，{origin}"


def _overlaps(directory: Path, versions: Sequence[SchemeVersion]) -> Iterator[str]:
    for number, version in enumerate(versions):
        for other in versions[number + 1 :]:
            if version.id != other.id:
                file = str(directory / f"{other.version}.yaml")
                yield str(Finding(file, 1, None, f"scheme 是 {other.id}，同目录的另一版是 {version.id}"))
            if version.valid.overlaps(other.valid):
                file = str(directory / f"{other.version}.yaml")
                yield str(Finding(file, 1, None, f"期间与 {version.version} 版重叠"))
