"""The marks a case carries (时限徽章、条长): pips of a clock, and widths drawn without inline styles.

In: working days left and the limit, a state, or a part and its whole. Out: marks drawn in SVG, and widths.

Marks that stand in every line of a table are tags: a component of this shape takes ten times as long to draw.
The components of the same names draw by these tags.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

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
# Shape of a status: ○ open, ◐ mid, ● done, ◆ back, ‖ stop, ✓ yes.
STATUS_SHAPES = {
    "open": '<circle cx="6" cy="6" r="5"/>',
    "mid": '<circle cx="6" cy="6" r="5"/><path class="on" stroke="none" d="M6 1a5 5 0 0 0 0 10z"/>',
    "done": '<circle class="on" cx="6" cy="6" r="5"/>',
    "back": '<path class="on" stroke="none" d="m6 0 6 6-6 6-6-6z"/>',
    "stop": '<path stroke-width="2.600" d="M3 1v10M9 1v10"/>',
    "yes": '<path stroke-width="2.200" d="m1 6.500 3.500 4L11 1.500"/>',
}


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
    pips = _pips(left_working_days, int(limit_working_days or 1), bool(paused))
    return Clock(tone=tone, words=words, pips=pips, width=len(pips) * PIP_PITCH)


@register.simple_tag
def clock(
    left: int,
    limit: int,
    until: str = "",
    *,
    paused: bool = False,
    big: bool = False,
    words: object = "",
    tone: str = "",
) -> SafeString:
    """Return the badge of a clock: one pip a working day, then words, so that it reads without colour.

    `until` is a time of day, shown on the last day; `words` replace the words; the tone plain has no colour.
    """
    mark = clock_mark(left, limit, until, paused=paused)
    return SafeString(
        f'<span class="clock clock-{escaped(tone or mark.tone)}{" clock-big" if big else ""}">'
        f'<svg class="pips" viewBox="0 0 {mark.width} 14" width="{mark.width}" height="14"'
        f' aria-hidden="true">{_drawn(mark.pips)}</svg><b>{escaped(words or mark.words)}</b></span>'
    )


@register.simple_tag
def status(kind: str, words: object) -> SafeString:
    """Return a status word with its shape; `kind` as in `STATUS_SHAPES`."""
    return SafeString(
        f'<span class="status status-{escaped(kind)}"><svg viewBox="0 0 12 12" aria-hidden="true">'
        f"{STATUS_SHAPES.get(kind, STATUS_SHAPES['open'])}</svg>{escaped(words)}</span>"
    )


@register.simple_tag
def tag(kind: str, words: object) -> SafeString:
    """Return a fact in a box; `kind` is empty or ok, soon, late, fact, hold."""
    return SafeString(f'<span class="tag{" tag-" if kind else ""}{escaped(kind)}">{escaped(words)}</span>')


@register.simple_tag
def pick(
    value: object, fen: int | str | None, *label: object, name: str = "picked", checked: bool = False
) -> SafeString:
    """Return the box that picks a row; `label` is spoken, `fen` its sum for the batch bar, if any."""
    spoken = " ".join(map(escaped, (_("选中"), *label)))
    of_fen = "" if fen in (None, "") else f' data-fen="{escaped(fen)}"'
    return SafeString(
        f'<label class="tick"><input type="checkbox" name="{escaped(name)}" value="{escaped(value)}"'
        f' aria-label="{spoken}"{of_fen}{" checked" if checked else ""} autocomplete="off"></label>'
    )


def escaped(value: object) -> str:
    """Return a value as text for a page, as `conditional_escape` does at ten times the cost."""
    return str(value) if hasattr(value, "__html__") else escape(str(value))


@lru_cache(maxsize=1024)
def _pips(left: int, limit: int, paused: bool) -> tuple[Pip, ...]:
    return tuple(
        Pip(_pip_kind(index, left, paused=paused), 1 + index * PIP_PITCH)
        for index in range(max(1, min(limit, PIPS_MAX)))
    )


@lru_cache(maxsize=1024)
def _drawn(pips: tuple[Pip, ...]) -> str:
    return "".join(map(_drawn_pip, pips))


def _drawn_pip(pip: Pip) -> str:
    is_on = ' class="on"' if pip.kind == "on" else ""
    box = f'<rect x="{pip.x}" y="1" width="5" height="12" rx=".5"{is_on}/>'
    if pip.kind == "half":
        return f'{box}<rect class="on" x="{pip.x}" y="7" width="5" height="6"/>'
    if pip.kind == "paused":
        return f'{box}<path d="M{pip.x} 5h5m-5 4h5"/>'
    return box


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
