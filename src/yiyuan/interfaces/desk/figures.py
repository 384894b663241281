"""The path from screening to payment as drawn (从筛查到到账): funnel and tile map.

In: `reporting.queries` figures and order totals. Out: plain values for c-funnel and c-tiles.
"""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.claims.states import State
from yiyuan.apps.payments.states import OrderState
from yiyuan.apps.reporting.queries import CountyFigures, Funnel
from yiyuan.interfaces.desk.labels import reason_word, state_word
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, percent

LEVELS = 5
SHOWS: dict[str, Promise] = {
    "paid": gettext_lazy("到账率"),
    "filed": gettext_lazy("立案率"),
    "unpaid": gettext_lazy("还差人次"),
}
AT_WORK = (
    State.REPORTED,
    State.AWAITING_DOCUMENTS,
    State.LODGED,
    State.ASSESSED,
    State.APPROVED,
    State.APPEALED,
)
TAGS_FROM = 3  # below so many counties a lowest one says nothing


def funnel_rows(
    figures: Funnel, orders: Mapping[str, tuple[int, int]], *, sees_batches: bool
) -> list[dict[str, object]]:
    """Return the five stages; each gap with its number, its causes by name and where to go on."""
    sent = orders[OrderState.SENT][0] + orders[OrderState.PAID][0]
    sent = max(sent, figures.paid)
    by_reason = dict(figures.not_entitled_by_reason)
    by_reason |= dict(figures.undetermined_by_reason)
    if figures.already_claimed:
        by_reason["already_claimed"] = figures.already_claimed
    return [
        {
            "label": _("已筛查"),
            "count": figures.screened,
            "kind": "squeezed",
            "gap": _gap(figures.screened - figures.entitled, _causes(by_reason)),
        },
        {
            "label": _("应赔付"),
            "count": figures.entitled,
            "gap": _gap(
                figures.entitled - figures.filed,
                _("没有立案：等人确认 %(open)s，已决定不赔 %(declined)s")
                % {"open": count(figures.open_count), "declined": count(figures.declined)},
                _("去确认"),
                "#proposals",
            ),
        },
        {
            "label": _("已立案"),
            "count": figures.filed,
            "gap": _gap(figures.filed - sent, _at_work(figures), _("看在办"), reverse("desk:claims")),
        },
        {
            "label": _("已送银行"),
            "count": sent,
            "gap": _gap(
                sent - figures.paid,
                _("等银行回单 %(flying)s；退回后要换账户 %(returned)s")
                % {
                    "flying": count(orders[OrderState.SENT][0]),
                    "returned": count(orders[OrderState.RETURNED][0]),
                },
                _("看批次"),
                reverse("desk:payments") if sees_batches else "",
            ),
        },
        {"label": _("已到账"), "count": figures.paid, "kind": "paid"},
    ]


def tiles(counties: Sequence[CountyFigures], show: str) -> list[dict[str, object]]:
    """Return the counties that have a place on the map; one without a figure says why."""
    placed = [county for county in counties if county.tile_row is not None]
    corners = _corners([county for county in placed if _share(county, show) is not None], show)
    most = max((county.unpaid for county in placed), default=0)
    found = []
    for county in placed:
        tile: dict[str, object] = {
            "name": county.name[:2] if len(county.name) > 2 else county.name,
            "column": county.tile_column,
            "row": county.tile_row,
            "url": f"?show={show}&county={county.code}#proposals",
            "corner": corners.get(county.code, ""),
        }
        share = _share(county, show)
        if not county.in_pool:
            tile |= {"note": _("自行投保，不在统筹内"), "url": ""}
        elif share is None:
            tile["note"] = _("没有应赔的")
        else:
            tile |= _tile_value(county, show, share, most)
        found.append(tile)
    return found


def scale(show: str) -> list[str]:
    """Return what the five shades stand for."""
    if show == "unpaid":
        return [_("最多"), _("较多"), _("居中"), _("较少"), _("最少")]
    return [_("不到 20%"), "20–40%", "40–60%", "60–80%", _("满 80%")]


def off_map(counties: Sequence[CountyFigures]) -> list[CountyFigures]:
    """Return the counties that have no tile."""
    return [county for county in counties if county.tile_row is None]


def _tile_value(county: CountyFigures, show: str, share: int, most: int) -> dict[str, object]:
    if show == "unpaid":
        # Dark always means further along, so the county with the fewest unpaid is the darkest.
        level = LEVELS - (county.unpaid * (LEVELS - 1) + most // 2) // most if most else LEVELS
        return {
            "level": level,
            "value": count(county.unpaid),
            "unit": "",
            "note": _("应赔 %(n)s") % {"n": count(county.entitled)},
        }
    level = min(share // (10_000 // LEVELS) + 1, LEVELS)
    note = _("还差 %(n)s") % {"n": count(county.unpaid)}
    return {"level": level, "value": percent(share), "unit": "%", "note": note}


def _share(county: CountyFigures, show: str) -> int | None:
    if not county.in_pool or not county.entitled + county.already_claimed:
        return None
    if show == "filed":
        return min(county.filed * 10_000 // county.entitled, 10_000) if county.entitled else None
    return county.paid_share_bp


def _corners(counties: Sequence[CountyFigures], show: str) -> Mapping[str, str]:
    if len(counties) < TAGS_FROM:
        return {}
    ranked = sorted(counties, key=lambda c: -c.unpaid if show == "unpaid" else _share(c, show) or 0)
    figures = [county.unpaid if show == "unpaid" else _share(county, show) for county in ranked]
    worst, second = (_("最多"), _("次多")) if show == "unpaid" else (_("最低"), _("次低"))
    # A tie has no lowest one.
    corners = {ranked[0].code: worst} if figures[0] != figures[1] else {}
    if corners and figures[1] != figures[2]:
        corners[ranked[1].code] = second
    return corners


def _gap(number: int, causes: str, action: str = "", url: str = "") -> dict[str, object] | None:
    return {"count": number, "causes": causes, "action": action, "url": url} if number > 0 else None


def _causes(by_reason: Mapping[str, int]) -> str:
    ranked = sorted(by_reason.items(), key=lambda pair: -pair[1])
    return _("不在应赔里：") + _("，").join(
        f"{reason_word(reason)} {count(number)}" for reason, number in ranked if number
    )


def _at_work(figures: Funnel) -> str:
    parts = [
        f"{state_word(s)} {count(figures.claims_by_state[s][0])}"
        for s in AT_WORK
        if s in figures.claims_by_state
    ]
    return _("正在办：") + _("，").join(parts)
