"""Pages of the contract's file (承保页): tables and forms in one frame, and one way to act.

In: tables, forms and what a button calls. Out: a page; after an act the page it came from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.reporting.errors import StatementRefusal
from yiyuan.apps.schemes.queries import list_terms, version_on
from yiyuan.apps.underwriting.errors import UnderwritingRefusal
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of, request_key
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.underwriting_words import refusal_words
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan
from yiyuan.rules.terms import SchemeVersion

READERS = (Role.CIVIL_AFFAIRS, Role.FINANCE, Role.AUDITOR)
# More than these would push each other off the screen: then each is behind its name.
ACTS_OPEN_MAX = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its words, where they lead, and the mark of a state."""

    text: object
    url: str = ""
    mark: str = ""
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page; `empty` says what there would be."""

    id: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str
    note: str = ""

    @property
    def columns(self) -> list[dict[str, object]]:
        """The heads as the queue component takes them."""
        right = {place for row in self.rows for place, cell in enumerate(row) if cell.right}
        return [{"label": head, "right": place in right} for place, head in enumerate(self.heads)]

    @property
    def lines(self) -> list[list[tuple[str, Cell]]]:
        """The rows, each cell with its head."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Act:
    """A form of a page and where it goes; `hidden` travels with it."""

    id: str
    title: str
    form: forms.Form
    url: str
    button: str
    hidden: Sequence[tuple[str, object]] = ()
    key: str = field(default_factory=new_key)


class DayField(forms.DateField):
    """A day, asked for by the browser's own calendar."""

    def __init__(self, **words: Any) -> None:
        words["error_messages"] = {"invalid": gettext_lazy("日期应像 2019-11-21")}
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}), **words)


def number(value: int, *, fen: bool = False) -> Cell:
    """Return a cell with a count, or with yuan."""
    return Cell(yuan(value) if fen else f"{value:,}", right=True)


def programme_of(request: HttpRequest) -> SchemeVersion:
    """Return the version of the scheme whose year is asked for, that of today where none is.

    :raises Http404: no version begins on the day named.
    """
    versions, wanted = list_terms(), request.GET.get("from") or request.POST.get("programme_from", "")
    if not wanted:
        return version_on(versions, clock.today())
    found = [one for one in versions if str(one.valid.from_on) == wanted]
    if not found:
        raise Http404(wanted)
    return found[0]


def show(
    request: HttpRequest,
    *,
    title: str,
    lead: str,
    parts: Sequence[Table | Act],
    crumbs: Sequence[Mapping[str, object]] = (),
    current: str = "",
) -> HttpResponse:
    """Show a page of the file: its finding, its tables, and at the side what this person may do."""
    acts = [one for one in parts if isinstance(one, Act)]
    context = {
        "title": title,
        "lead": lead,
        "crumbs": crumbs,
        "sections": sections(current),
        "tables": [one for one in parts if isinstance(one, Table)],
        "acts": acts,
        "folded": len(acts) > ACTS_OPEN_MAX,
    }
    return render(request, "desk/file_page.html", context)


def sections(current: str) -> Sequence[dict[str, object]]:
    """Return the parts of the contract's file."""
    names = [
        ("premium", _("保费")),
        ("budgets", _("预算")),
        ("limits", _("限额")),
        ("agreement", _("协议和保证金")),
        ("tenders", _("招标")),
        ("statements", _("报表")),
    ]
    return [
        {"label": label, "url": reverse(f"desk:{name}"), "current": name == current} for name, label in names
    ]


def act(
    request: HttpRequest,
    form: forms.Form,
    call: Callable[[dict[str, Any]], object],
    *,
    done: str,
    back: str,
) -> HttpResponse:
    """Make one domain call with what a form says; return to the page with what was done or refused.

    :raises Http404: what it is about does not exist, or lies outside the actor's scope.
    """
    if not form.is_valid():
        said = [
            f"{form.fields[name].label}{_('：')}{one}"
            for name, all_of in form.errors.items()
            for one in all_of
        ]
        messages.error(request, _("；").join(said))
        return redirect(back)
    try:
        call(form.cleaned_data)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except (UnderwritingRefusal, StatementRefusal) as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, done)
    return redirect(back)


def signed(request: HttpRequest) -> dict[str, Any]:
    """Return who acts, when, and under which key, as every service takes them."""
    return {"actor": actor_of(request), "occurred_at": clock.now(), "request_key": request_key(request)}


def plain_day(on: date | None) -> str:
    """Return a day as tables write it."""
    return str(on) if on else "—"
