"""Figures of the dashboard and where they lead (总览的数和它的名单): each one is a link to its rows.

In: a cut and a choice. Out: the address of the list, and the cut and choice read back from an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.reporting.path import MONEY_SETS, TIMING_SETS, Choice, Cut, Figure
from yiyuan.apps.reporting.stages import Money, Stage, Timing
from yiyuan.interfaces.desk.addresses import asked
from yiyuan.interfaces.desk.labels import reason_word, state_word
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, yuan

WORD_MAX = 40
SMALL = 5  # so few people of one group in one place are known to their neighbours
STAGES: Mapping[Stage, Promise] = {
    Stage.SCREENED: gettext_lazy("已筛查"),
    Stage.ENTITLED: gettext_lazy("应赔付"),
    Stage.PROPOSED: gettext_lazy("已提名"),
    Stage.FILED: gettext_lazy("已立案"),
    Stage.APPROVED: gettext_lazy("已复核"),
    Stage.SENT: gettext_lazy("已送银行"),
    Stage.PAID: gettext_lazy("已到账"),
}
# What a settlement is that goes no further than a stage.
STOPS: Mapping[Stage, Promise] = {
    Stage.SCREENED: gettext_lazy("不应赔，或判不了"),
    Stage.ENTITLED: gettext_lazy("别处已经赔过"),
    Stage.PROPOSED: gettext_lazy("已提名，没有立案"),
    Stage.FILED: gettext_lazy("已立案，没有复核同意"),
    Stage.APPROVED: gettext_lazy("已复核，钱没有在路上"),
    Stage.SENT: gettext_lazy("已送银行，等回单"),
    Stage.PAID: gettext_lazy("已到账"),
}
PLACES: Mapping[str, Promise] = {
    "approved": gettext_lazy("已复核"),
    Money.HELD: gettext_lazy("还没送出"),
    "sent": gettext_lazy("已送银行"),
    Money.PAID: gettext_lazy("已到账"),
    Money.RETURNED: gettext_lazy("已退回"),
    Money.IN_FLIGHT: gettext_lazy("在途"),
}
TIMINGS: Mapping[str, Promise] = {
    "ended": gettext_lazy("已办结"),
    Timing.KEPT: gettext_lazy("按时办结"),
    Timing.LATE: gettext_lazy("办结时已超期"),
    "behind": gettext_lazy("超过期的"),
    Timing.OVERDUE: gettext_lazy("已超期，还没办完"),
    Timing.TODAY: gettext_lazy("今天到期"),
    Timing.RUNNING: gettext_lazy("没到期"),
    Timing.PAUSED: gettext_lazy("已暂停"),
}
PROPOSAL_STATES: Mapping[str, Promise] = {
    "open": gettext_lazy("已提名"),
    "confirmed": gettext_lazy("已确认"),
    "lapsed": gettext_lazy("不再应赔"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as a page shows it; without `url` there is nothing to look at.

    `printed` is what stands on paper and in files in its place, where that is something else.
    """

    text: str
    count: int
    url: str = ""
    printed: str = ""


def shown(figure: Figure, choice: Choice, cut: Cut, *, in_yuan: bool = False) -> Shown:
    """Return a figure with its list."""
    text = yuan(figure.fen) if in_yuan else count(figure.count)
    return Shown(text, figure.count, rows_url(choice, cut) if figure.count else "")


def shown_of_group(figure: Figure, choice: Choice, cut: Cut, *, is_few: bool, sees_group: bool) -> Shown:
    """Return a figure of one hardship group: who is in it is for those who handle claims to see.

    To others it leads nowhere; where it tells of a few people it is hidden from them, and on paper.
    """
    found = shown(figure, choice, cut)
    hidden = _("不到 %(n)s") % {"n": SMALL} if figure.count < SMALL else _("不写")
    if sees_group:
        return replace(found, printed=hidden) if is_few else found
    return Shown(hidden if is_few else found.text, 0)


def rows_url(choice: Choice, cut: Cut) -> str:
    """Return the address of the list behind a figure."""
    words = {
        "reached": choice.reached,
        "at": choice.at,
        "money": choice.money,
        "timing": choice.timing,
        "reason": choice.reason,
        "state": choice.state,
        "unpaid": "1" if choice.is_unpaid else "",
    }
    return f"{reverse('desk:dashboard_rows')}{_query({**words, **cut_words(cut)})}"


def board_url(cut: Cut, **words: str) -> str:
    """Return the address of the dashboard of a cut."""
    return f"{reverse('desk:dashboard')}{_query({**cut_words(cut), **words})}"


def cut_words(cut: Cut) -> dict[str, str]:
    """Return the cut as words of an address: first and last month, county, group."""
    return {
        "county": cut.county_code,
        "from": f"{cut.since:%Y-%m}" if cut.since else "",
        "to": f"{_month_before(cut.until):%Y-%m}" if cut.until else "",
        "group": cut.group,
    }


def read_cut(request: HttpRequest, *, sees_groups: bool) -> Cut:
    """Return the cut an address asks for; a group only where the reader handles claims."""
    last = read_month(request.GET.get("to", ""))
    return Cut(
        county_code=word(request, "county"),
        since=read_month(request.GET.get("from", "")),
        until=month_after(last) if last else None,
        group=word(request, "group") if sees_groups else "",
    )


def read_choice(request: HttpRequest) -> Choice:
    """Return the choice an address asks for; what is not known means all."""
    said = request.GET
    return Choice(
        reached=_stage(said.get("reached", "")),
        at=_stage(said.get("at", "")),
        money=said["money"] if said.get("money") in {*Money, *MONEY_SETS} else "",
        timing=said["timing"] if said.get("timing") in {*Timing, *TIMING_SETS} else "",
        reason=word(request, "reason"),
        state=word(request, "state"),
        is_unpaid=said.get("unpaid") == "1",
    )


def choice_words(choice: Choice) -> str:
    """Return in words which settlements a list shows."""
    words = []
    if choice.is_unpaid:
        words.append(_("应赔，还没有拿到钱"))
    if choice.at is not None:
        words.append(str(STOPS[Stage(choice.at)]))
    if choice.reached is not None:
        words.append(str(STAGES[Stage(choice.reached)]))
    if choice.money:
        words.append(str(PLACES[choice.money]))
    if choice.timing:
        words.append(str(TIMINGS[choice.timing]))
    if choice.reason:
        words.append(finding_word(choice.reason))
    if choice.state:
        words.append(standing_word(choice.state))
    return _("，").join(dict.fromkeys(words)) or _("已筛查")


def finding_word(reason: str) -> str:
    """Return what screening made of a settlement, in words."""
    return _("不再应赔") if reason == "gone" else reason_word(reason)


def standing_word(state: str) -> str:
    """Return where a claim or a proposal stands, in words."""
    return str(PROPOSAL_STATES[state]) if state in PROPOSAL_STATES else state_word(state)


def word(request: HttpRequest, name: str) -> str:
    """Return a word of the address, without what no column can hold."""
    return asked(request, name, WORD_MAX)


def read_month(text: str) -> date | None:
    """Return the first day of a month written `2019-11`, or None where it is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _stage(text: str) -> int | None:
    return int(text) if text in {str(int(stage)) for stage in Stage} else None


def _query(words: Mapping[str, object]) -> str:
    kept = {name: str(value) for name, value in words.items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""
