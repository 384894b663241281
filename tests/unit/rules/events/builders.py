"""Terms of events and results of cases from a few lines of YAML, for tests that need no whole scheme."""

from datetime import date
from textwrap import dedent

import yaml

from yiyuan.rules.cases import raise_faults
from yiyuan.rules.events.assessment import EventResult, assess_event
from yiyuan.rules.events.case import read_event_case
from yiyuan.rules.events.terms import CauseTerms, EventTerms
from yiyuan.rules.scheme_file.conditions import Names
from yiyuan.rules.scheme_file.events import parse_cause, parse_events, parse_names
from yiyuan.rules.scheme_file.loading import located, standard_facts
from yiyuan.rules.scheme_file.located import Findings, Located, Section
from yiyuan.rules.terms import Liability

ON = date(2019, 7, 10)
FILE = "scheme.yaml"


def node_of(text: str, findings: Findings) -> Located:
    node = yaml.compose(dedent(text), Loader=yaml.SafeLoader)
    assert node is not None
    return located(node, findings)


class Scheme:
    """What a test's few lines say, its liabilities named after their causes."""

    def __init__(self, text: str) -> None:
        self.findings = Findings(FILE)
        top = Section(node_of(text, self.findings), self.findings, "方案")
        names, questions = parse_names(top, standard_facts())
        causes: dict[str, CauseTerms] = {}
        self.liabilities = tuple(_liability(entry, causes, names) for entry in top.sections("liabilities"))
        self.terms: EventTerms = parse_events(top, names, questions, self.liabilities, causes, None)
        top.close()

    @property
    def faults(self) -> list[str]:
        return [fault.message for fault in self.findings.found]


def _liability(entry: Section, causes: dict[str, CauseTerms], names: Names) -> Liability:
    code = entry.text("code")
    causes[code] = parse_cause(entry, names)
    cause = entry.text_or_none("cause") or code
    entry.close()
    return Liability(code, cause, cause, cause, "", None, (), (), (), (), (), f"C-{code}", None, None)


def scheme(text: str) -> Scheme:
    read = Scheme(text)
    assert read.faults == [], read.faults
    return read


def assess(read: Scheme, case: str, **tried: str) -> EventResult:
    """The result of a case: `facts`, and `used_fen` where it has one."""
    findings = Findings("case.yaml")
    top = Section(node_of(case, findings), findings, "case")
    facts, used = top.node("facts"), top.node("used_fen")
    assert facts is not None
    found = read_event_case(facts, read.terms.facts, findings, top.day_or_none("on") or ON, None)
    raise_faults(findings)
    known = {one.cause: one for one in read.liabilities}
    liabilities = [known[cause] for cause in found.causes] or list(read.liabilities)
    used_fen = {} if used is None else yaml.safe_load(dedent(case))["used_fen"]
    return assess_event(read.terms, found.world, liabilities, tried, used_fen)
