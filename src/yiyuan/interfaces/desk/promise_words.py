"""A claim's promise and its questions in words (时限和疑问用语): how the due day moved, what would come now.

In: `ClockChangeView` and `QuestionView`. Out: plain values for the components.
"""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.claims.questions import QuestionView
from yiyuan.apps.deadlines.queries import ClockChangeView
from yiyuan.interfaces.desk.labels import reason_word
from yiyuan.interfaces.desk.templatetags.yiyuan_format import short_day, short_day_time
from yiyuan.kernel.money import yuan

CAUSES: Mapping[str, Promise] = {
    "calendar": gettext_lazy("放假安排变了"),
    "paused": gettext_lazy("通知补件，暂停"),
    "resumed": gettext_lazy("材料补齐，接着数"),
    "term": gettext_lazy("换了时限"),
}
ANSWERS: Mapping[str, tuple[Promise, str]] = {
    "open": (gettext_lazy("等人决定"), "open"),
    "kept": (gettext_lazy("维持原结论"), "done"),
    "withdrawn": (gettext_lazy("已撤案"), "stop"),
    "recovery": (gettext_lazy("要追回"), "back"),
    "lapsed": (gettext_lazy("事实又变回来了"), "stop"),
    "moot": (gettext_lazy("赔案没有付款就结束了"), "stop"),
}
FACTS: Mapping[str, Promise] = {
    "statuses": gettext_lazy("困难身份"),
    "is_reversed": gettext_lazy("结算被冲销"),
    "is_claimed": gettext_lazy("别处已赔"),
    "amounts_fen": gettext_lazy("费用（分）"),
    "admitted_on": gettext_lazy("入院日"),
    "discharged_on": gettext_lazy("出院日"),
    "settled_on": gettext_lazy("结算日"),
    "birth_on": gettext_lazy("出生日期"),
    "diagnosis_code": gettext_lazy("诊断"),
    "county_code": gettext_lazy("参保地"),
}


def clock_changes(changes: Sequence[ClockChangeView]) -> list[dict[str, object]]:
    """Return each move of the due day: what happened, from when to when, and why."""
    return [
        {
            "what": str(CAUSES[change.cause]),
            "days": _days(change),
            "reason": change.reason,
            "when": short_day_time(localtime(change.occurred_at)),
        }
        for change in changes
    ]


def _days(change: ClockChangeView) -> str:
    old = short_day(change.old_due_on)
    if change.new_due_on is None:
        return _("原到期 %(old)s，已用 %(used)d 天") % {"old": old, "used": change.days_used}
    return _("原到期 %(old)s，现到期 %(new)s") % {"old": old, "new": short_day(change.new_due_on)}


def question_line(question: QuestionView) -> dict[str, object]:
    """Return one question: what changed, what was decided, what would come out now, who answered."""
    word, kind = ANSWERS[question.state]
    return {
        "question": question,
        "state": str(word),
        "kind": kind,
        "changes": [
            {
                "fact": str(FACTS.get(change["fact"], change["fact"])),
                "before": _value(change["before"]),
                "now": _value(change["now"]),
            }
            for change in question.changes
        ],
        "old": _outcome(question.old_reason, question.old_benefit_fen),
        "new": _outcome(question.new_reason, question.new_benefit_fen),
    }


def _outcome(reason: str, benefit_fen: int) -> str:
    return _("%(reason)s %(sum)s 元") % {"reason": reason_word(reason), "sum": yuan(benefit_fen)}


def _value(text: str) -> str:
    return {"True": _("是"), "False": _("否"), "": _("没有")}.get(text, text)
