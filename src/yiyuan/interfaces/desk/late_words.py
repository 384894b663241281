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
from yiyuan.rules.filing import check_filing
from yiyuan.rules.insurers import insurers_of
from yiyuan.rules.terms import SchemeVersion


def lateness(terms: SchemeVersion, on: date | None, filed_on: date) -> Mapping[str, object]:
    """Return `notes`, empty where the case comes in time, and the `quotes` they rest on."""
    if on is None or not terms.valid.contains(on):
        return {"notes": [], "quotes": ()}
    notes = []
    if terms.valid.to_on is not None and filed_on >= terms.valid.to_on:
        notes.append(
            _("%(year)d 年度已经结束。这次是 %(day)s 入院，仍按 %(year)d 年的方案办。")
            % {"year": terms.valid.from_on.year, "day": day(on)}
        )
    answer = check_filing(terms.filing, terms.top_up.liability, filed_on, {"on": on})
    is_late = answer is not None and answer.is_late is True
    if answer is not None and is_late and answer.last_on is not None:
        notes.append(
            _(
                "报案期限到 %(last)s，现在已过。晚报本身不是不赔的理由（保险法第 21 条、第 26 条）："
                "查得清的照赔，由人决定。"
            )
            % {"last": day(answer.last_on)}
        )
    quotes = fact_labels.quote(terms, answer.clause) if answer is not None and is_late else ()
    return {"notes": notes, "quotes": quotes}


def insurer_of(terms: SchemeVersion) -> str:
    """Return who carries the risk of a version, the lead first; empty where the scheme does not say."""
    if terms.insurers is None:
        return ""
    return _("、").join(one.name_en if is_english() else one.name_zh for one in insurers_of(terms))
