"""What is reported of counties (上报的县区数): head counts and the like, from a YAML file.

In: a file `{'411702': {persons: 856_900}}` and a scheme version. Out: the facts by county.
"""

from pathlib import Path

from yiyuan.rules.events.facts import Value
from yiyuan.rules.scheme_file.conditions import Names, parse_value
from yiyuan.rules.scheme_file.loading import read_yaml
from yiyuan.rules.scheme_file.located import FaultySchemeError, Findings, Section, nearest
from yiyuan.rules.terms import SchemeVersion


def load_county_facts(file: Path, version: SchemeVersion) -> dict[str, dict[str, Value]]:
    """Return what the file says of each county, by code.

    :raises SchemeError: with every finding, when the file cannot be read, or names a county or a fact that
        the scheme does not have.
    """
    findings = Findings(str(file))
    node, _ = read_yaml(file, findings)
    found: dict[str, dict[str, Value]] = {}
    if node is not None:
        codes = [county.code for county in version.counties]
        for code, entry in Section(node, findings, "县区").entries():
            if code not in codes:
                entry.fault(f"方案没有县区 {code}{nearest(code, codes)}")
            found[code] = _facts_of(entry, version, findings)
    if findings.found:
        raise FaultySchemeError(findings.found)
    return found


def _facts_of(entry: Section, version: SchemeVersion, findings: Findings) -> dict[str, Value]:
    names = Names(findings, {} if version.premium is None else version.premium.facts)
    facts: dict[str, Value] = {}
    for name, node in entry.values():
        fact = names.fact(name, node.line, None)
        value = None if fact is None else parse_value(fact, node, findings, None)
        if value is not None:
            facts[name] = value
    return facts
