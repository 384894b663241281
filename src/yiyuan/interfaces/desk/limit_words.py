"""Limits in words (限额的说法): which limit it is, whose, and what to tell whom it stops.

In: limits that claims have taken from, or the refusal of one. Out: labels and sentences of the page.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from yiyuan.apps.adjudication.overriding import LimitView, list_limits_of
from yiyuan.apps.adjudication.states import LimitMove
from yiyuan.apps.registry.queries import get_division_names
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.interfaces.desk.event_sections import HOLDERS, SPANS
from yiyuan.interfaces.desk.scheme_labels import is_english
from yiyuan.kernel.money import yuan
from yiyuan.rules.terms import SchemeVersion

HOLDS = (LimitMove.RESERVE, LimitMove.COME_BACK)


class LimitLine(NamedTuple):
    """A limit with its name, whose it is, and where to read of them; `fen` is what one claim takes of it."""

    name: str
    holder: str
    url: str
    limit: LimitView
    fen: int = 0
    state: str = ""


def limit_name(terms: SchemeVersion | None, name: str) -> str:
    """Return what a limit is called: by the scheme, else by whose it is and over what, with its clause."""
    found = next((one for one in terms.events.limits if one.name == name), None) if terms else None
    if found is None:
        return name
    said = (is_english() and found.name_en) or found.name_zh
    if said != name:
        return said
    whose = {"who": HOLDERS[found.per], "span": SPANS[found.over], "clause": found.clause}
    return _("%(who)s，%(span)s（%(clause)s）") % whose


def limit_line(one: LimitView, fen: int = 0, move: LimitMove | None = None) -> LimitLine:
    """Return a limit as pages show it."""
    kind, _colon, number = one.holder.partition(":")
    url = reverse("desk:person", args=[int(number)]) if kind == "person" else ""
    return LimitLine(
        limit_name(_terms(one.version), one.limit), _holder(kind, number), url, one, fen, _state(move)
    )


def lines_of_decision(decision_id: int) -> Sequence[LimitLine]:
    """Return the limits a claim takes from, with what it takes."""
    return [limit_line(one, fen, move) for one, fen, move in list_limits_of(decision_id)]


def limit_spent_text(limit: str, left_fen: int) -> str:
    """Return what to tell whoever is stopped by a limit."""
    return _("限额“%(limit)s”只剩 %(left)s 元；要超出，先由市里两个人在“限额”里追加") % {
        "limit": limit_name(list_terms()[-1], limit),
        "left": yuan(left_fen),
    }


def _terms(version: str) -> SchemeVersion | None:
    versions = list_terms()
    return next((one for one in versions if one.version == version), versions[-1] if versions else None)


def _holder(kind: str, number: str) -> str:
    if kind == "county":
        return get_division_names([number]).get(number, number)
    if kind == "scheme":
        return _("全市")
    words = {"person": _("人员 %(n)s"), "household": _("户 %(n)s"), "event": _("事故 %(n)s")}
    return words[kind] % {"n": number.removeprefix("~")}


def _state(move: LimitMove | None) -> str:
    if move is None:
        return ""
    if move is LimitMove.PAY:
        return _("已付")
    return _("占用") if move in HOLDS else _("已放回")
