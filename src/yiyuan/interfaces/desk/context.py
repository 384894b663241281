"""What every page shows around its content (页框): navigation, who is signed in, the business date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yiyuan.apps.deadlines.queries import get_calendar
from yiyuan.apps.intake.queries import count_unseen
from yiyuan.apps.registry.queries import get_city
from yiyuan.apps.screening.requests import find_unseen
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import actor_of
from yiyuan.interfaces.desk.help_texts import Help, help_for
from yiyuan.interfaces.desk.labels import role_title
from yiyuan.kernel.actor import Role

NAV_ROOM = 8  # entries that stand in one line beside the search at 1366, in English too
OTHER_LANGUAGE = {"zh-hans": ("en", "English"), "en": ("zh-hans", "中文")}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main menu."""

    label: str
    url: str
    current: bool
    note: str = ""


def page_frame(request: HttpRequest) -> Mapping[str, object]:
    """Return `desk`, the frame of the page, for templates."""
    city = get_city()
    code, label = OTHER_LANGUAGE.get(get_language() or "zh-hans", ("zh-hans", "中文"))
    frame: dict[str, object] = {
        "demo": bool(city and city.is_synthetic),
        "language_url": reverse("set_language"),
        "language_code": code,
        "language_label": label,
        "city": city.name if city else "",
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        now = clock.now()
        today = now.date()
        is_working_day = get_calendar(today).is_working_day(today)
        frame |= {
            **_navigation(request),
            "search_url": reverse("desk:search"),
            "search": request.GET.get("q", "") if request.path == reverse("desk:search") else "",
            "person": user.name or user.username,
            "role": " · ".join(role_title(role) for role in user.roles),
            "office": user.office.name if user.office else _("还没有单位，看不到任何案件"),
            "sign_out_url": reverse("desk:sign_out"),
            "today": today,
            "day_kind": _("工作日") if is_working_day else _("休息日"),
            "clock": f"{now:%H:%M}",
            "help": _help(request),
            "password_url": reverse("desk:own_password"),
        }
    return {"desk": frame}


def _help(request: HttpRequest) -> Help | None:
    match = request.resolver_match
    return help_for(match.url_name or "") if match else None


def _unseen(request: HttpRequest) -> str:
    """Return how many of a data clerk's files have been read and not looked at since."""
    actor = actor_of(request)
    if Role.CLERK not in actor.roles:
        return ""
    unseen = count_unseen(actor.id)
    return _("读完 %(count)d 份") % {"count": unseen} if unseen else ""


def _screened(request: HttpRequest) -> str:
    """Return how the screening ended that a data clerk asked for and has not looked at since."""
    actor = actor_of(request)
    ended = find_unseen(actor.id) if Role.CLERK in actor.roles else None
    if ended is None:
        return ""
    return _("筛完了") if ended.state == ended.DONE else _("没有筛成")


def _navigation(request: HttpRequest) -> Mapping[str, object]:
    entries = [
        (_("工作台"), "desk:workbench", ()),
        (_("案件"), "desk:claims", ("/claims/", "/people/")),
        (_("筛查"), "desk:screening", ("/screening/", "/proposals/")),
        (_("资金"), "desk:payments", ("/payments/",)),
        (_("承保"), "desk:premium", ("/underwriting/",)),
        (_("账簿"), "desk:ledger", ("/ledger/",)),
        (_("导入"), "desk:imports", ("/imports/",)),
        (_("总览"), "desk:dashboard", ("/dashboard/",)),
        (_("方案"), "desk:scheme", ("/scheme/",)),
        (_("留痕"), "desk:audit", ("/audit/",)),
        (_("人员"), "desk:staff", ("/staff/", "/new-staff/", "/offices/")),
    ]
    roles, items = actor_of(request).roles, []
    notes = {"desk:imports": _unseen(request), "desk:screening": _screened(request)}
    for label, name, prefixes in entries:
        url = reverse(name)
        # A page that would answer with 403 is not offered.
        if not resolve(url).func.allowed_roles & roles:  # type: ignore[attr-defined]
            continue
        current = request.path == url or request.path.startswith(prefixes or ("\0",))
        items.append(NavItem(label, url, current, notes.get(name, "")))
    shown = len(items) if len(items) <= NAV_ROOM else NAV_ROOM - 1
    more: Sequence[NavItem] = items[shown:]
    return {"nav": items[:shown], "nav_more": more, "is_in_more": any(item.current for item in more)}
