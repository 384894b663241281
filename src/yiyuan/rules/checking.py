"""Checking a scheme (方案检查): everything wrong with a scheme directory, its worked cases included.

In: a scheme directory and the holiday rows. Out: faults, and remarks that fail nothing: what is assumed, and
with what origin; what lacks its English.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yiyuan.kernel.errors import CaseError, SchemeError, YiyuanError
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.assessment import assess, choose_version
from yiyuan.rules.expectations import mismatches
from yiyuan.rules.remarks import remarks
from yiyuan.rules.scheme_file.loading import load_cases, read_file, version_files
from yiyuan.rules.scheme_file.located import (
    LACKS_ENGLISH,
    FaultyCaseError,
    FaultySchemeError,
    Finding,
    Findings,
)
from yiyuan.rules.terms import SchemeVersion

GOLDEN = "golden"
ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(slots=True)
class Report:
    """What a check found: faults, what is worth a look, what is assumed, what lacks its English."""

    faults: list[Finding] = field(default_factory=list)
    assumed: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    untranslated: list[Finding] = field(default_factory=list)
    versions: int = 0
    cases: int = 0

    def by_severity(self) -> Iterator[tuple[str, Finding]]:
        """Yield every finding with how grave it is: an error refuses the scheme, nothing else does."""
        yield from ((ERROR, one) for one in self.faults)
        yield from ((WARNING, one) for one in self.remarks)
        yield from ((NOTE, one) for one in (*self.assumed, *self.untranslated))


def check_scheme(directory: Path, holidays: Sequence[HolidayRow]) -> Report:
    """Return everything wrong with the directory; an empty list of faults means it may be used."""
    report = Report()
    versions: list[SchemeVersion] = []
    try:
        files = version_files(directory)
        for file in files:
            version, findings = read_file(file)
            report.faults.extend(findings.found)
            _sort_remarks(findings, report)
            if version is not None:
                versions.append(version)
                report.assumed.extend(assumptions(version, findings))
                report.remarks.extend(_remarks(version, findings))
    except SchemeError as error:
        report.faults.extend(_placed(error, Finding(str(directory), 0, None, str(error))))
        return report
    report.versions = len(versions)
    report.faults.extend(_overlaps(directory, versions))
    if len(versions) == len(files):
        run_golden(directory, versions, holidays, report)
    return report


def _placed(error: YiyuanError, otherwise: Finding) -> Sequence[Finding]:
    """Return the findings an error carries, each at its own line, or the one given where it has none."""
    return error.findings if isinstance(error, FaultySchemeError | FaultyCaseError) else (otherwise,)


def _remarks(version: SchemeVersion, findings: Findings) -> Iterator[Finding]:
    for remark in remarks(version):
        yield _at_clause(remark.clause, remark.message, findings)


def _at_clause(clause: str, message: str, findings: Findings) -> Finding:
    # What is about a clause stands at the first term that rests on it.
    line = next((line for line, cited in findings.cited if cited == clause), 1)
    return Finding(*findings.place(line), clause, message)


def _sort_remarks(findings: Findings, report: Report) -> None:
    for remark in findings.remarks:
        found = report.untranslated if LACKS_ENGLISH in remark.message else report.remarks
        if remark not in found:
            found.append(remark)


def run_golden(
    directory: Path, versions: Sequence[SchemeVersion], holidays: Sequence[HolidayRow], report: Report
) -> None:
    """Run the worked cases of the directory and add what does not match to the report."""
    for file in sorted((directory / GOLDEN).glob("*.yaml")):
        try:
            cases = load_cases(file)
        except CaseError as error:
            report.faults.extend(_placed(error, Finding(str(file), 0, None, str(error))))
            continue
        for case in cases:
            report.cases += 1
            if case.expect is None:
                report.faults.append(Finding(str(file), case.line, case.name, "手算案例没有写 expect"))
                continue
            try:
                wrong = mismatches(assess(choose_version(versions, case), case, holidays), case)
            except (CaseError, SchemeError) as error:
                report.faults.extend(_placed(error, Finding(str(file), case.line, case.name, str(error))))
                continue
            report.faults.extend(Finding(str(file), case.line, case.name, text) for text in wrong)


def assumptions(version: SchemeVersion, findings: Findings) -> Iterator[Finding]:
    """Yield every assumed term with its origin, for the persons who put the version in force."""
    named: list[tuple[str, str, str | None]] = [
        *((clause.id, f"条款 {clause.id}", clause.assumed) for clause in version.clauses.values()),
        *((one.clause, f"县区 {one.code} {one.name_zh}", one.assumed) for one in version.counties),
        *((one.clause, f"病种 {one.code} {one.name_zh}", one.assumed) for one in version.diseases),
    ]
    for liability in version.liabilities:
        name = f"责任 {liability.code} {liability.name_zh}"
        named.append((liability.clause, name, liability.assumed))
        named.extend(
            (limit.clause, f"限额 {liability.code} {limit.name}", limit.assumed) for limit in liability.limits
        )
    for clause, name, origin in named:
        if origin is not None:
            yield _at_clause(clause, f"{name}：推定，{origin}", findings)


def _overlaps(directory: Path, versions: Sequence[SchemeVersion]) -> Iterator[Finding]:
    for number, version in enumerate(versions):
        for other in versions[number + 1 :]:
            file = str(directory / f"{other.version}.yaml")
            if version.id != other.id:
                yield Finding(file, 1, None, f"scheme 是 {other.id}，同目录的另一版是 {version.id}")
            if version.valid.overlaps(other.valid):
                yield Finding(file, 1, None, f"期间与 {version.version} 版重叠")
