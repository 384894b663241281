"""What a page says of a case that comes late (晚报用语): its year is closed, or its deadline has passed.

In: the terms, the date of loss and the day of filing. Out: sentences with the clause they rest on; neither
refuses anything.
"""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from yiyuan.interfaces.desk import fact_labels
from yiyuan.interfaces.desk.scheme_labels import is_english
from yiyuan.interfaces.desk.templatetags.yiyuan_format import day
from yiyuan.rules.filing import filing_state
from yiyuan.rules.terms import SchemeVersion


def lateness(terms: SchemeVersion, on: date | None, filed_on: date) -> Mapping[str, object]:
    """Return `notes`, empty where the case comes in time, and the `quotes` they rest on."""
    if on is None or not terms.valid.contains(on):
        return {"notes": [], "quotes": ()}
    state = filing_state(terms, on, filed_on)
    notes = []
    if state.is_year_closed:
        notes.append(
            _("%(year)d 年度已经结束。这次是 %(day)s 入院，仍按 %(year)d 年的方案办。")
            % {"year": terms.valid.from_on.year, "day": day(on)}
        )
    if state.is_late and state.last_on:
        notes.append(
            _(
                "报案期限到 %(last)s，现在已过。晚报本身不是不赔的理由（保险法第 21 条、第 26 条）："
                "查得清的照赔，由人决定。"
            )
            % {"last": day(state.last_on)}
        )
    return {
        "notes": notes,
        "quotes": fact_labels.quote(terms, state.clause) if state.is_late else (),
    }


def insurer_of(terms: SchemeVersion) -> str:
    """Return who carries the risk of a version, the lead first; empty where the scheme does not say."""
    ordered = sorted(terms.insurers, key=lambda one: not one.is_lead)
    return _("、").join(one.name_en if is_english() else one.name_zh for one in ordered)
