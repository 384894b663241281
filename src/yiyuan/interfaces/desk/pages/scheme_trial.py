"""Try a case (试一个案例): a form of the scheme's own facts, decided at once, and nothing is kept.

In: a version, a cause, how many victims and households, and what is typed. Out: the result with its trace and
clauses, the day it is due, the papers, the questions that are open, and the case as YAML to copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yiyuan.apps.schemes.drafts import MAY_DRAFT, get_draft, load_draft
from yiyuan.apps.schemes.queries import list_standings, version_on
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, allow, may_see, scope_of
from yiyuan.interfaces.desk.pages.scheme import quote_of
from yiyuan.interfaces.desk.scheme_labels import documents_of, is_english, name_of
from yiyuan.interfaces.desk.trial_form import AnswersForm, FactsForm, WhenForm, as_case, as_yaml, case_values
from yiyuan.interfaces.desk.trial_used import PERSON_FIELD, used_by
from yiyuan.kernel.errors import SchemeError, YiyuanError
from yiyuan.rules.assessment import Assessment, assess
from yiyuan.rules.cases import Case
from yiyuan.rules.events.case import read_event_case
from yiyuan.rules.events.conditions import Scope
from yiyuan.rules.events.facts import EVENT, HOUSEHOLD, PERSON, Fact
from yiyuan.rules.events.terms import Benefit, RunningLimit
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.papers import papers_of
from yiyuan.rules.scheme_file.loading import PRODUCT_BASE
from yiyuan.rules.scheme_file.located import Findings
from yiyuan.rules.terms import Liability, SchemeVersion
from yiyuan.rules.trial import benefits_of, facts_asked

MOST = 20  # victims, and households, of a case tried by hand
OUTCOMES = {
    "entitled": (gettext_lazy("赔"), "yes"),
    "not_entitled": (gettext_lazy("不赔"), "stop"),
    "undetermined": (gettext_lazy("定不了"), "open"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """The form of one case: whose facts, which version and cause."""

    terms: SchemeVersion
    liability: Liability
    when: WhenForm
    event: FactsForm
    persons: Sequence[FactsForm]
    households: Sequence[FactsForm]
    answers: AnswersForm
    is_settled: bool  # decided as one hospital settlement

    @property
    def forms(self) -> Sequence[Any]:
        """All parts of the form, in the order of the page."""
        return [self.when, self.event, *self.households, *self.persons, self.answers]

    def values(self, scope: Any) -> Any:
        """Return the case as the plain values of a case file; who says nothing is left out."""
        days = {name: self.when.cleaned_data.get(name) for name in self.when.fields}
        answers = {name: answer for name, answer in self.answers.cleaned_data.items() if answer}
        facts: dict[str, object] = {"cause": self.liability.cause, **self.event.said()}
        if self.is_settled:
            facts |= self.persons[0].said()
            return case_values(days, facts, {})
        for key, mark, forms in (("households", "h", self.households), ("persons", "p", self.persons)):
            said = [(number, form.said()) for number, form in enumerate(forms, start=1)]
            rows = [
                {"id": f"{mark}{number}", **used_by(self.terms, one, self.when.cleaned_data["on"], scope)}
                for number, one in said
                if one
            ]
            if rows:
                facts[key] = rows
        return case_values(days, facts, answers)


@allow(*STAFF)
@require_http_methods(["GET", "POST"])
def try_case(request: HttpRequest) -> HttpResponse:
    """Show the form, and with what was typed the result; nothing is written anywhere."""
    draft = _draft_of(request)
    versions = [draft[1]] if draft else [one.terms for one in list_standings()[0]]
    if not versions:
        raise SchemeError(_("方案目录里没有一个版本读得通；先 ./yiyuan scheme check"))
    given = request.POST if request.method == "POST" else request.GET
    by_name = {one.version: one for one in versions}
    terms = by_name.get(given.get("version", "")) or version_on(versions, clock.today())
    by_cause = {one.cause: one for one in terms.liabilities}
    liability = by_cause.get(given.get("cause", ""))
    context: dict[str, object] = {
        "terms": terms,
        "versions": [one.version for one in versions],
        "draft": draft[0] if draft else "",
        "causes": [(one.cause, name_of(one), one is liability) for one in terms.liabilities],
    }
    if liability is not None:
        trial = _trial(request, terms, liability)
        context |= {"trial": trial, "people": len(trial.persons), "homes": len(trial.households)}
        if request.method == "POST" and "add" not in request.POST:
            context |= _answer(request, trial)
    return render(request, "desk/scheme_trial.html", context)


def _draft_of(request: HttpRequest) -> tuple[str, SchemeVersion] | None:
    """Return the uploaded draft the case is tried on, with its terms, where the address names one."""
    number = (request.POST if request.method == "POST" else request.GET).get("draft", "")
    if not number.isdecimal() or not may_see(request, MAY_DRAFT) or not scope_of(request).is_city:
        return None
    try:
        return number, load_draft(get_draft(int(number)))
    except (ObjectDoesNotExist, SchemeError) as missing:
        raise Http404 from missing


def _trial(request: HttpRequest, terms: SchemeVersion, liability: Liability) -> Trial:
    given = request.POST if request.method == "POST" else None
    counts = _counts(request, terms, liability)
    facts = facts_asked(terms, liability)
    is_settled = terms.medical is not None and terms.medical.liability == liability.code
    of: dict[str, list[Fact]] = {PERSON: [], HOUSEHOLD: [], "": []}
    for fact in facts:
        of[fact.of if fact.of in of else ""].append(fact)
    if not is_settled:
        for kind, key in ((HOUSEHOLD, HOUSEHOLD), (EVENT, "")):
            # A household and the event look nothing up in a person: what they ask must be said of them.
            of[key] += [one for one in facts_asked(terms, liability, kind) if _is_of_a_person(one)]
    if not counts["homes"]:
        of[PERSON] = [*of[PERSON], *of[HOUSEHOLD]]
    opened = {
        one.name: (one.asks, one.options)
        for one in terms.events.questions.values()
        if one.decided is None and one.options
    }
    running = [] if is_settled or not terms.events.limits else [PERSON_FIELD]
    return Trial(
        terms,
        liability,
        WhenForm(given, initial={"on": _usual_day(terms)}),
        FactsForm(of[""], prefix="e", data=given),
        [
            FactsForm([*of[PERSON], *running], prefix=f"p{n}", data=given)
            for n in range(1, counts["people"] + 1)
        ],
        [FactsForm(of[HOUSEHOLD], prefix=f"h{n}", data=given) for n in range(1, counts["homes"] + 1)],
        AnswersForm({} if is_settled else opened, given),
        is_settled,
    )


def _is_of_a_person(fact: Fact) -> bool:
    return fact.of == PERSON and fact.presumed is None


def _usual_day(terms: SchemeVersion) -> date:
    today = clock.today()
    return today if terms.valid.contains(today) else terms.valid.from_on


def _counts(request: HttpRequest, terms: SchemeVersion, liability: Liability) -> dict[str, int]:
    given = request.POST if request.method == "POST" else request.GET
    kinds = {one.of for one in benefits_of(terms, liability)}
    least = {"people": int(PERSON in kinds or HOUSEHOLD not in kinds), "homes": int(HOUSEHOLD in kinds)}
    found: dict[str, int] = {}
    for name, fewest in least.items():
        text = given.get(name, "")
        asked = int(text) if text.isdecimal() and len(text) < 3 else fewest
        found[name] = min(max(asked + (request.POST.get("add") == name), fewest), MOST if fewest else 0)
    return found


def _answer(request: HttpRequest, trial: Trial) -> dict[str, object]:
    mistaken = [form for form in trial.forms if not form.is_valid()]
    if mistaken:
        return {"wrong": [line for form in mistaken for line in _mistakes(form)]}
    values = trial.values(scope_of(request))
    try:
        case = as_case(values)
        result = assess(trial.terms, case, load_holidays(PRODUCT_BASE.parent / BASE_FILE))
    except YiyuanError as refusal:
        return {"refused": [line.split("]: ", 1)[-1] for line in str(refusal).splitlines()]}
    word, mark = OUTCOMES[result.outcome]
    clauses = dict.fromkeys(step.clause for step in result.trace if step.clause in trial.terms.clauses)
    return {
        "result": result,
        "word": word,
        "mark": mark,
        "steps": [
            (_step_name(trial.terms, step.name), step.amount_fen, step.clause) for step in result.trace
        ],
        "quotes": [quote_of(trial.terms, clause) for clause in clauses],
        "benefits": [(_step_name(trial.terms, name), fen) for name, fen in result.by_benefit.items()],
        "papers": _papers(trial, case, result),
        "documents": documents_of(trial.liability),
        "yaml": as_yaml(values),
        "outside": not trial.terms.valid.contains(case.on),
    }


def _mistakes(form: Any) -> list[dict[str, str]]:
    return [
        {"field_id": form[name].id_for_label, "text": f"{form[name].label}：{'；'.join(errors)}"}
        for name, errors in form.errors.items()
    ]


def _step_name(terms: SchemeVersion, step: str) -> str:
    who, _slash, name = step.rpartition("/")
    named: list[Benefit | RunningLimit] = [*terms.events.benefits, *terms.events.limits]
    known = {one.name: (is_english() and one.name_en) or one.name_zh or one.name for one in named}
    benefit, dot, part = name.partition(".")
    words = known.get(name) or (f"{known.get(benefit, benefit)} {part}" if dot else name)
    return f"{who} {words}" if who else words


def _papers(trial: Trial, case: Case, result: Assessment) -> list[tuple[str, int, str]]:
    if trial.is_settled or not trial.terms.papers:
        return []
    world = read_event_case(
        case.facts, trial.terms.events.facts, Findings(case.file), case.on, case.filed_on
    ).world
    claimed = {
        one.name: one.kind
        for one in benefits_of(trial.terms, trial.liability)
        if result.by_benefit.get(one.name)
    }
    subject = (*world.persons, *world.households, world.event)[0]
    scope = Scope(subject, case.answers, trial.liability.cause)
    return [
        (_("、").join((is_english() and paper.names_en) or paper.names), paper.any_of, paper.clause)
        for paper in papers_of(trial.terms.papers, trial.liability.code, claimed, scope)
    ]


routes: list[URLPattern] = [path("scheme/try/", try_case, name="scheme_try")]
