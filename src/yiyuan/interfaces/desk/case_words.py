"""A claim's page in words (赔案页): its track, its events, who signed, its clock, its evidence.

In: `claims.queries.ClaimPage` and the run that found it. Out: plain values for the components.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yiyuan.apps.claims.queries import ClaimPage, MoveOffer
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.deadlines.queries import ClockView
from yiyuan.apps.payments.states import OrderState
from yiyuan.interfaces.desk.accident_words import accident_evidence, accident_of
from yiyuan.interfaces.desk.fact_labels import source_words
from yiyuan.interfaces.desk.labels import (
    REFUSALS,
    actor_word,
    kept_words,
    role_title,
    state_word,
    verb_word,
)
from yiyuan.interfaces.desk.scheme_labels import is_english
from yiyuan.interfaces.desk.templatetags.yiyuan_format import short_day, short_day_time
from yiyuan.kernel.money import yuan
from yiyuan.rules.terms import PAPERS_COMPLETE, SchemeVersion

MARKS = gettext_lazy("甲乙丙丁戊己庚辛")
STAGES = 5
ENDED = (State.DECLINED, State.WITHDRAWN, State.CLOSED)


def stages(page: ClaimPage, found_at: datetime | None) -> list[dict[str, object]]:
    """Return the track from screening to payment; a claim that ended otherwise ends with its last move."""
    found = [_stage(_("筛查发现"), found_at or page.opened_at, "done")]
    if page.state in ENDED and not page.orders:
        last = page.events[0]
        found.append(_stage(_("立案"), _lodged_at(page), "done"))
        return [*found, _stage(state_word(page.state), last.occurred_at, "done")]
    sent = next((order.released_at for order in reversed(page.orders) if order.released_at), None)
    gone = _stages_gone(page)
    names = [
        (_("立案"), _lodged_at(page)),
        (_yours(page, Verb.ASSESS, _("初审")), _last(page, Verb.ASSESS)),
        (_yours(page, Verb.APPROVE, _("复核")), _last(page, Verb.APPROVE)),
        (_("送银行"), sent),
        (_("到账"), _last(page, Verb.CONFIRM_PAYMENT)),
    ]
    for index, (label, at) in enumerate(names):
        # What was done and then taken back is to be done again.
        state = "done" if index < gone else "now" if index == gone else ""
        found.append(_stage(label, at if index < gone else None, state))
    return found


def events(page: ClaimPage, found_at: datetime | None, run_number: int | None) -> list[dict[str, object]]:
    """Return what happened, newest first, who did it and the reason they gave."""
    told = [
        (
            event.occurred_at,
            _("%(who)s：%(what)s")
            % {"who": actor_word(event.actor_id, event.actor_name), "what": verb_word(event.verb)},
            kept_words(event.reason),
        )
        for event in reversed(page.events)
    ]
    told += [
        (order.released_at, _("已送银行"), _("第 %(number)d 批") % {"number": order.batch_number})
        for order in page.orders
        if order.released_at
    ]
    if found_at and run_number:
        told.append((found_at, _("筛查发现"), _("第 %(n)d 次筛查") % {"n": run_number}))
    # The sort keeps the order of what was written in the same moment.
    told.sort(key=lambda line: line[0])
    return [{"when": _when(at), "what": what, "note": note} for at, what, note in reversed(told)]


def signatures(page: ClaimPage) -> list[dict[str, object]]:
    """Return the two boxes of four eyes: who has signed, or whether this person may."""
    assessed = (
        _last_event(page, Verb.ASSESS) if page.state not in (State.LODGED, State.AWAITING_DOCUMENTS) else None
    )
    decided = (
        next((e for e in page.events if e.verb in (Verb.APPROVE, Verb.DECLINE)), None) if assessed else None
    )
    if page.state in (State.LODGED, State.ASSESSED):
        decided = None
    boxes = []
    for role, event, verb in (
        (_("第一人 初审"), assessed, Verb.ASSESS),
        (_("第二人 复核"), decided, Verb.APPROVE),
    ):
        if event is not None:
            boxes.append(
                {
                    "role": role,
                    "name": event.actor_name,
                    "signed": _("%(at)s 已签") % {"at": _when(event.occurred_at)},
                }
            )
        else:
            boxes.append({"role": role, "open": True, "note": _may_sign(page, verb)})
    return boxes


def clock_rows(page: ClaimPage) -> list[dict[str, object]]:
    """Return when the promise started, when it ends, and when money went out."""
    clock = page.clock
    if clock is None:
        return []
    rows: list[dict[str, object]] = [
        {"label": _("资料齐全，起算"), "text": _when(clock.started_at)},
        {"label": _("到期"), "text": short_day(clock.due_on), "strong": True},
    ]
    if clock.sent_on:
        rows.append({"label": _("送银行"), "text": short_day(clock.sent_on)})
    if clock.stopped_at:
        rows.append({"label": _("停止"), "text": _when(clock.stopped_at)})
    return rows


def clock_rule(terms: SchemeVersion, clock: ClockView) -> str:
    """Return how the promise was counted: the words kept with it, in English said anew from its parts."""
    counted = next(
        (
            one
            for one in terms.clocks
            if one.clause == clock.clause
            and one.starts == PAPERS_COMPLETE
            and clock.limit_days in (one.working_days, one.calendar_days)
        ),
        None,
    )
    if not is_english() or counted is None or not clock.limit_days:
        return clock.rule
    if counted.working_days is not None:
        words = ngettext(
            "%(clause)s：资料齐全次日起 %(days)d 个工作日",
            "%(clause)s：资料齐全次日起 %(days)d 个工作日",
            clock.limit_days,
        )
    else:
        words = ngettext(
            "%(clause)s：资料齐全后 %(days)d 日，遇非工作日顺延到下一个工作日",
            "%(clause)s：资料齐全后 %(days)d 日，遇非工作日顺延到下一个工作日",
            clock.limit_days,
        )
    return words % {"clause": clock.clause, "days": clock.limit_days}


def buttons(page: ClaimPage) -> list[dict[str, object]]:
    """Return the moves this person may make, the result and the sum on the button, the one forward first."""
    found = []
    for offer in page.offers:
        if offer.refusal:
            continue
        found.append(
            {
                "verb": str(offer.verb),
                "words": _button_words(offer, page.benefit_fen),
                "needs_reason": offer.move.needs_reason,
                "is_forward": not offer.move.needs_reason and offer.verb is not Verb.CLOSE,
                "key": {
                    Verb.APPROVE: "a",
                    Verb.ASSESS: "a",
                    Verb.RETURN_FOR_ASSESSMENT: "r",
                    Verb.DECLINE: "d",
                }.get(offer.verb, ""),
                "result": _result(offer),
            }
        )
    return sorted(found, key=lambda one: not one["is_forward"])


def refused_moves(page: ClaimPage) -> list[str]:
    """Return the moves this person may not make, and why, in words."""
    lines = []
    for offer in page.offers:
        if offer.refusal == "role_missing":
            lines.append(
                _("%(verb)s：由%(role)s办")
                % {"verb": verb_word(offer.verb), "role": role_title(offer.move.role)}
            )
        elif offer.refusal:
            lines.append(
                _("%(verb)s：%(why)s") % {"verb": verb_word(offer.verb), "why": REFUSALS[offer.refusal]}
            )
    return lines


def orders(page: ClaimPage) -> list[dict[str, object]]:
    """Return the payment orders, newest first."""
    words = {
        OrderState.RESERVED: _("已组批，等第二人放行"),
        OrderState.SENT: _("已送银行，等回单"),
        OrderState.PAID: _("已到账"),
        OrderState.RETURNED: _("已退回"),
        OrderState.VOIDED: _("已撤回"),
        OrderState.TAKEN_OUT: _("有疑问，已取出"),
    }
    return [
        {
            "order": order,
            "state": words.get(OrderState(order.state), order.state),
            "kind": {"paid": "done", "returned": "back", "voided": "stop"}.get(order.state, "mid"),
        }
        for order in reversed(page.orders)
    ]


def _button_words(offer: MoveOffer, benefit_fen: int) -> str:
    benefit = {"sum": yuan(benefit_fen)}
    words = {
        Verb.ASSESS: _("初审通过 %(sum)s 元") % benefit,
        Verb.APPROVE: _("同意赔付 %(sum)s 元") % benefit,
        Verb.DECLINE: _("不予赔付"),
        Verb.RECEIVE_DOCUMENTS: _("材料补齐了，立案"),
    }
    return words.get(offer.verb, verb_word(offer.verb))


def _result(offer: MoveOffer) -> str:
    if offer.verb is Verb.APPROVE:
        return _("接着由支付专员装批，送银行付款。")
    return _("办完后，本案%(state)s。") % {"state": state_word(offer.move.to)}


def _may_sign(page: ClaimPage, verb: Verb) -> str:
    offer = next((one for one in page.offers if one.verb is verb), None)
    if offer is None:
        return _("还没轮到")
    if not offer.refusal:
        return _("您可以签：您没有经手本案") if verb is Verb.APPROVE else _("您可以签")
    if offer.refusal == "role_missing":
        return _("由%(role)s签") % {"role": role_title(offer.move.role)}
    return str(REFUSALS[offer.refusal])


def _stage(label: str, at: datetime | None, state: str) -> dict[str, object]:
    return {"label": label, "when": _when(at), "state": state}


def _lodged_at(page: ClaimPage) -> datetime | None:
    return _last(page, Verb.RECEIVE_DOCUMENTS) or _last(page, Verb.LODGE)


def _yours(page: ClaimPage, verb: Verb, word: str) -> str:
    is_yours = any(offer.verb is verb and not offer.refusal for offer in page.offers)
    return _("%(stage)s：您") % {"stage": word} if is_yours else word


def ending(page: ClaimPage) -> str:
    """Return why a claim ended without payment, or an empty text."""
    said = next((e for e in page.events if e.verb in (Verb.DECLINE, Verb.WITHDRAW)), None)
    if page.state not in (State.DECLINED, State.WITHDRAWN, State.APPEALED) or said is None:
        return ""
    return _("%(what)s，理由：%(why)s") % {"what": verb_word(said.verb), "why": said.reason}


def evidence(page: ClaimPage, group: str, proof_note: str) -> list[dict[str, object]]:
    """Return what the decision rests on: the paper, where it came from, what was checked; numbered 甲, 乙."""
    facts = cast("Mapping[str, Any]", page.decision.facts)
    if accident := accident_of(page.decision):
        reported = accident_evidence(page.setl_id, accident)
        return [
            {**line, "mark": mark}
            for line, mark in zip([*reported, _account_line(page)], str(MARKS), strict=False)
        ]
    lines: list[dict[str, object]] = [
        {
            "paper": _("%(group)s名册") % {"group": group},
            "source": source_words(spell["import_job"], spell["row"]),
            "job": spell["import_job"],
            "found": _("入院当天在册"),
            "kind": "yes",
        }
        for spell in facts.get("statuses", [])
        if spell["group"] == page.decision.group
    ]
    lines.append(
        {
            "paper": _("住院结算 %(number)s") % {"number": page.setl_id},
            "source": source_words(facts.get("import_job_id"), facts.get("source_row")),
            "job": facts.get("import_job_id"),
            "found": _("医保认可 %(sum)s 元") % {"sum": yuan(facts["amounts_fen"]["inscp_scp_amt_fen"])},
            "kind": "yes",
        }
    )
    lines.append(_account_line(page))
    if proof_note:
        lines.append(
            {"paper": _("看过的证明"), "source": _("立案人记下"), "found": proof_note, "kind": "yes"}
        )
    return [{**line, "mark": mark} for mark, line in zip(str(MARKS), lines, strict=False)]


def _account_line(page: ClaimPage) -> dict[str, object]:
    account = page.account
    if account is None:
        return {
            "paper": _("收款账户"),
            "source": _("名册和一卡通库里都没有"),
            "found": _("还缺"),
            "kind": "stop",
        }
    is_own = account.holder_name in ("", page.person.name)
    whose = _("户名 %(holder)s，监护人") if account.is_guardian else _("户名 %(holder)s，不是本人")
    return {
        "paper": _("收款账户 %(bank)s 尾号 %(tail)s") % {"bank": account.bank_name, "tail": account.tail},
        "source": _("社保卡") if account.kind == "social_card" else _("银行卡"),
        "found": _("户名一致") if is_own else whose % {"holder": account.holder_name},
        "kind": "yes" if is_own else "open",
    }


def _stages_gone(page: ClaimPage) -> int:
    is_sent = any(order.state in (OrderState.SENT, OrderState.PAID) for order in page.orders)
    gone = {
        State.REPORTED: 0,
        State.AWAITING_DOCUMENTS: 0,
        State.LODGED: 1,
        State.ASSESSED: 2,
        State.APPEALED: 1,
    }
    return gone.get(page.state, 3 + is_sent if page.state is State.APPROVED else STAGES)


def _last(page: ClaimPage, verb: Verb) -> datetime | None:
    event = _last_event(page, verb)
    return event.occurred_at if event else None


def _last_event(page: ClaimPage, verb: Verb) -> Any:
    # Typed loosely: the event's class belongs to the app, and pages do not import models.
    return next((event for event in page.events if event.verb == verb), None)


def _when(at: datetime | None) -> str:
    return short_day_time(localtime(at)) if at else ""
