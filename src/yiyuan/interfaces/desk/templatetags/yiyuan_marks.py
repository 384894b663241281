"""The marks a case carries (时限徽章、条长): pips of a clock, and widths drawn without inline styles.

In: working days left and the limit, or a part and its whole. Out: values for the SVG of the components.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.forms import BaseForm
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yiyuan.interfaces.desk.board_links import Shown

register = template.Library()

# One pip a working day; the longest limit of the scheme's clocks fills ten, a longer one is cut there.
PIPS_MAX = 10
PIP_PITCH = 8


@dataclass(frozen=True)
class Pip:
    """One working day of a limit: `kind` is on, half, paused or used; `x` its place in the drawing."""

    kind: str
    x: int


@dataclass(frozen=True)
class Clock:
    """A clock as shown: `tone` ok, soon, late or hold, the words after it, the pips before it."""

    tone: str
    words: str
    pips: tuple[Pip, ...]
    width: int


@register.simple_tag
def clock_mark(
    left_working_days: int, limit_working_days: int, until: str = "", *, paused: bool = False
) -> Clock:
    """Return the badge of a clock; below zero days left it is overdue, at zero it is due today."""
    tone, words = _spoken(left_working_days, limit_working_days, until or "", paused=bool(paused))
    total = max(1, min(int(limit_working_days or 1), PIPS_MAX))
    pips = tuple(
        Pip(_pip_kind(index, left_working_days, paused=bool(paused)), 1 + index * PIP_PITCH)
        for index in range(total)
    )
    return Clock(tone=tone, words=words, pips=pips, width=total * PIP_PITCH)


def _spoken(left: int, limit: int, until: str, *, paused: bool) -> tuple[str, str]:
    if paused:
        words = ngettext("停在剩 %(days)d 天", "停在剩 %(days)d 天", left) % {"days": left}
        return "hold", words
    if left < 0:
        return "late", ngettext("超 %(days)d 天", "超 %(days)d 天", -left) % {"days": -left}
    if left == 0:
        return "soon", _("今天 %(time)s 前") % {"time": until} if until else _("今天到期")
    tone = "soon" if left == 1 and limit > 1 else "ok"
    return tone, ngettext("剩 %(days)d 天", "剩 %(days)d 天", left) % {"days": left}


def _pip_kind(index: int, left: int, *, paused: bool) -> str:
    if index < left:
        return "paused" if paused else "on"
    return "half" if left == 0 and index == 0 and not paused else "used"


@register.simple_tag
def share(part: int | None, whole: int | None) -> str:
    """Return part of whole as a width for SVG, `57.8%`, between 0 and 100; `0%` of nothing."""
    if not part or not whole:
        return "0%"
    tenths = min(1000, max(0, part * 1000 // whole))
    return f"{tenths // 10}.{tenths % 10}%"


@register.simple_tag
def figure(of: Shown) -> SafeString:
    """Return a figure as a link to its rows, or as bare text where there are none.

    A tag and not a component: a dashboard has some two hundred of them.
    """
    printed = format_html('<span class="print-only">{}</span>', of.printed) if of.printed else ""
    if not of.url:
        return format_html("{}{}", printed, of.text)
    return format_html(
        '{}<a class="figure{}" href="{}" data-count="{}">{}</a>',
        printed,
        " screen-only" if of.printed else "",
        of.url,
        of.count,
        of.text,
    )


@register.simple_tag
def form_errors(form: BaseForm) -> Sequence[dict[str, str]]:
    """Return every error of a form as `{field_id, text}`, those of the whole form first.

    The words are those at the field; only a missing value, whose words do not say of what, gets the label.
    """
    found = [{"field_id": "", "text": str(text)} for text in form.non_field_errors()]
    for field in form:
        for error, text in zip(field.errors.as_data(), field.errors, strict=True):
            words = _("%(label)s：%(text)s") % {"label": field.label, "text": text}
            field_id = field.id_for_label or field.auto_id
            found.append({"field_id": field_id, "text": words if error.code == "required" else str(text)})
    return found
