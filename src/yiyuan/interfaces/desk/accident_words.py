"""Why an accident is paid this sum (事故为什么是这个数): its steps by clause, and the facts it rests on.

In: a frozen decision on an accident. Out: the panel of `desk/why.html`, and the lines of evidence.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.utils.translation import gettext as _

from yiyuan.apps.adjudication.queries import DecisionView
from yiyuan.interfaces.desk.fact_labels import liability_name, quote
from yiyuan.interfaces.desk.limit_words import limit_name
from yiyuan.interfaces.desk.scheme_labels import is_english
from yiyuan.interfaces.desk.why import Step, Why
from yiyuan.kernel.money import yuan
from yiyuan.rules.terms import SchemeVersion

ACCIDENT, LIMITS = "accident", "limits"


def accident_of(decision: DecisionView) -> Mapping[str, Any] | None:
    """Return the facts of the accident a decision is about, None where it is about a stay in hospital."""
    return cast("Mapping[str, Any] | None", decision.facts.get(ACCIDENT))


def explain_accident(terms: SchemeVersion, decision: DecisionView, facts: Mapping[str, Any]) -> Why:
    """Return the panel: what happened, then each step of the sum with its clause."""
    liability = next(one for one in terms.liabilities if one.code == facts["liability"])
    happened = _("%(day)s 出险：%(liability)s") % {
        "day": facts["on"],
        "liability": liability_name(terms, liability.code),
    }
    steps = [Step(happened, ((is_english() and liability.trigger_en) or liability.trigger,))]
    benefits = {
        benefit.name: (is_english() and benefit.name_en) or benefit.name_zh
        for benefit in terms.events.benefits
    }
    for line in decision.trace:
        name = benefits.get(line.name) or limit_name(terms, line.name)
        title = _("%(name)s：%(sum)s 元") % {"name": name, "sum": yuan(line.amount_fen)}
        notes = _used_before(decision, line.name)
        steps.append(Step(title, notes, quotes=quote(terms, line.clause)))
    return Why(
        title=_("为什么是 %(sum)s 元") % {"sum": yuan(decision.benefit_fen)},
        scheme=_("按《%(title)s》%(version)s 版")
        % {"title": terms.title_en if is_english() else terms.title, "version": terms.version[:4]},
        steps=tuple(steps),
        readings=(),
        readings_title="",
        readings_basis="",
        is_assumed=False,
        answer_label=_("应赔付"),
        answer_note="",
        benefit_fen=decision.benefit_fen,
        is_entitled=True,
    )


def _used_before(decision: DecisionView, limit: str) -> tuple[str, ...]:
    """Return what earlier claims had taken of a limit when this one was decided, where they had."""
    told = cast("Sequence[Mapping[str, Any]]", decision.facts.get(LIMITS, ()))
    return tuple(
        _("最高 %(limit)s 元，以前的赔案用了 %(used)s 元，还剩 %(left)s 元")
        % {
            "limit": yuan(one["limit_fen"]),
            "used": yuan(one["used_fen"]),
            "left": yuan(one["limit_fen"] - one["used_fen"]),
        }
        for one in told
        if one["limit"] == limit and one["used_fen"]
    )


def accident_evidence(number: str, facts: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the line of evidence of a reported accident."""
    return [
        {
            "paper": _("事故报案 %(number)s") % {"number": number},
            "source": _("立案人记下"),
            "found": _("%(day)s 出险") % {"day": facts["on"]},
            "kind": "yes",
        }
    ]
