"""Addresses that carry the state of a list (网址里的筛选), so that a filtered page can be kept and sent.

In: the request and what should differ. Out: a relative address.
"""

from collections.abc import Mapping
from functools import cache
from urllib.parse import quote
from uuid import uuid4

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import RFC3986_SUBDELIMS, url_has_allowed_host_and_scheme


def with_query(request: HttpRequest, **changes: object) -> str:
    """Return this page's address with some parameters set, or taken off where None or empty; page 1 again."""
    query = request.GET.copy()
    for name in ("page", "after"):
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def chosen(request: HttpRequest, name: str, allowed: Mapping[str, object]) -> str:
    """Return a filter's value where it is one of those allowed, else the empty text that means all."""
    value = request.GET.get(name, "")
    return value if value in allowed else ""


def asked(request: HttpRequest, name: str, longest: int = 12) -> str:
    """Return a filter's text, cut where it is too long, without what no text in the database can hold."""
    return request.GET.get(name, "").replace("\0", "").strip()[:longest]


def page_number(request: HttpRequest, name: str = "page", first: int = 1) -> int:
    """Return a whole number from the address, `first` where there is none or it is less."""
    text = request.GET.get(name, "")
    return max(int(text), first) if text.isascii() and text.isdigit() and len(text) < 19 else first


def options(rows: Mapping[str, object], current: str, every: object) -> list[dict[str, object]]:
    """Return the options of a filter, the one that means all first."""
    found = [{"value": "", "label": every, "current": not current}]
    return found + [{"value": code, "label": name, "current": code == current} for code, name in rows.items()]


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Return the page a form asks to return to, where it is one of this site."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_ours else otherwise


def claim_address(number: str) -> str:
    """Return the address of a claim's page, as `reverse` does: a list asks for fifty."""
    before, after = _around("desk:claim")
    return before + quote(number, safe=RFC3986_SUBDELIMS + "/~:@") + after


def batch_address(number: int) -> str:
    """Return the address of a batch's page, as `reverse` does: a list asks for fifty."""
    before, after = _around("desk:batch")
    return f"{before}{number}{after}"


def proposal_address(pk: int) -> str:
    """Return the address of a proposal's page, as `reverse` does: a list asks for fifty."""
    before, after = _around("desk:proposal")
    return f"{before}{pk}{after}"


@cache
def _around(route: str) -> tuple[str, str]:
    before, _, after = reverse(route, args=[0]).partition("0")
    return before, after


def new_key() -> str:
    """Return a fresh request key for a form, so that pressing its button twice is one act."""
    return str(uuid4())
