"""Why this sum (为什么是这个数): the four steps of a decision in words, each with its clause.

In: a case, that is a frozen decision or what the desk's rule says now, with the facts it rests on. Out: the
steps, the arithmetic, the readings and the answer as `desk/why.html` draws them. Nothing is decided here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yiyuan.apps.adjudication.queries import DecisionView, list_readings
from yiyuan.apps.registry.queries import SettlementFacts, StatusView
from yiyuan.interfaces.desk.fact_labels import (
    AMOUNTS,
    Quote,
    find_disease,
    group_name,
    missing_fact,
    quote,
    source_words,
)
from yiyuan.interfaces.desk.labels import reason_word
from yiyuan.interfaces.desk.scheme_labels import assumed_of, is_english, name_of, reading_of
from yiyuan.interfaces.desk.templatetags.yiyuan_format import day, percent
from yiyuan.kernel.money import yuan
from yiyuan.rules.eligibility import Decision
from yiyuan.rules.terms import Group, SchemeVersion, TierReading

# The reasons that the step of the group or of the disease has told already.
TOLD_BEFORE = ("no_group_on_date", "disease_not_listed")
DISEASE_FACTS = ("diagnosis_code", "birth_on", "sex")


@dataclass(frozen=True, slots=True)
class Case:
    """What a page explains: the outcome, and the facts in the form a decision freezes them."""

    terms: SchemeVersion
    facts: Mapping[str, Any]
    reading: str
    outcome: str
    reason: str
    group: str
    disease: str
    residual_fen: int | None
    benefit_fen: int
    clause: str
    missing: str
    awaits_proof: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the conclusion, what it rests on, its arithmetic, its clauses, and what was not counted.

    `private` names the disease: it is read on the screen and never printed.
    """

    title: str
    notes: tuple[str, ...] = ()
    private: str = ""
    quotes: tuple[Quote, ...] = ()
    rows: tuple[dict[str, object], ...] = ()
    beside: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """The whole panel."""

    title: str
    scheme: str
    steps: tuple[Step, ...]
    readings: tuple[dict[str, object], ...]
    readings_title: str
    readings_basis: str
    is_assumed: bool
    answer_label: str
    answer_note: str
    benefit_fen: int
    is_entitled: bool


def case_of_decision(terms: SchemeVersion, decision: DecisionView) -> Case:
    """Return a frozen decision as a case."""
    return Case(
        terms=terms,
        facts=decision.facts,
        reading=decision.reading,
        outcome=decision.outcome,
        reason=decision.reason,
        group=decision.group,
        disease=decision.disease,
        residual_fen=decision.residual_fen,
        benefit_fen=decision.benefit_fen,
        clause=decision.clause,
        missing="",
    )


def case_of_preview(
    terms: SchemeVersion,
    facts: SettlementFacts,
    decision: Decision,
    statuses: Sequence[StatusView],
    *,
    awaits_proof: bool,
) -> Case:
    """Return what the rule says now as a case, its facts in the form in which a decision freezes them."""
    spells = [
        {
            "group": status.group,
            "from": status.valid_from.isoformat(),
            "to": status.valid_to.isoformat() if status.valid_to else None,
            "import_job": status.import_job_id,
            "row": status.source_row,
        }
        for status in statuses
    ]
    return Case(
        terms=terms,
        facts={**facts.as_json(), "statuses": spells},
        reading=terms.top_up.default_reading,
        outcome=decision.outcome,
        reason=decision.reason,
        group=decision.group or "",
        disease=decision.disease or "",
        residual_fen=decision.residual_fen,
        benefit_fen=decision.benefit_fen,
        clause=decision.clause,
        missing=decision.missing or "",
        awaits_proof=awaits_proof,
    )


def explain(case: Case) -> Why:
    """Return the panel; a case that is not entitled stops at the step that decided it."""
    steps = [_group_step(case), _disease_step(case), _residual_step(case)]
    is_entitled = case.outcome == "entitled"
    if is_entitled:
        steps.append(_sum_step(case))
    elif case.reason not in TOLD_BEFORE and not case.missing:
        steps.append(_closing_step(case))
    readings = _readings(case)
    benefit = yuan(case.benefit_fen)
    return Why(
        title=_("为什么是 %(sum)s 元") % {"sum": benefit}
        if case.outcome == "entitled"
        else _("为什么现在不能赔"),
        scheme=_("按《%(title)s》%(version)s 版")
        % {
            "title": case.terms.title_en if is_english() else case.terms.title,
            "version": case.terms.version[:4],
        },
        steps=tuple(steps),
        readings=tuple(readings),
        readings_title=_("这句话有 %(count)d 种读法，采用第一种") % {"count": len(readings)}
        if readings
        else "",
        readings_basis=_basis(case),
        is_assumed=bool(case.terms.clauses[case.clause].reading)
        if case.clause in case.terms.clauses
        else False,
        answer_label=_("看过证明就赔") if case.awaits_proof else _("应赔付"),
        answer_note=_claimed_note(case),
        benefit_fen=case.benefit_fen,
        is_entitled=is_entitled,
    )


def _group_step(case: Case) -> Step:
    group = next((one for one in case.terms.groups if one.code == case.group), None)
    clause = group.clause if group else case.terms.reason_clauses["no_group_on_date"]
    quotes = quote(case.terms, clause)
    admitted = _date(case.facts.get("admitted_on"))
    if admitted is None:
        return Step(_("不知道哪天入院，查不了当天的身份"), quotes=quotes)
    spells: list[Mapping[str, Any]] = case.facts.get("statuses", [])
    if group is None:
        notes = tuple(_spell_words(case.terms, spell) for spell in spells) or (_("名册里没有这个人。"),)
        return Step(_("入院当天（%(day)s）不在困难群体里") % {"day": day(admitted)}, notes, quotes=quotes)
    return Step(
        _("入院当天在困难群体名册里：%(group)s") % {"group": name_of(group)},
        _group_notes(case.terms, group, spells, admitted),
        quotes=quotes,
    )


def _group_notes(
    terms: SchemeVersion, group: Group, spells: Sequence[Mapping[str, Any]], admitted: date
) -> tuple[str, ...]:
    held = [spell for spell in spells if _holds(spell, admitted)]
    notes = []
    for spell in held:
        if spell["group"] == group.code:
            notes.append(
                _("%(spell)s；%(day)s 入院，当天在册。%(source)s。")
                % {
                    "spell": _spell_words(terms, spell),
                    "day": day(admitted),
                    "source": source_words(spell["import_job"], spell["row"]),
                }
            )
            break
    others = sorted({group_name(terms, spell["group"]) for spell in held if spell["group"] != group.code})
    if others:
        notes.append(_("同一天也在册：%(groups)s。一次住院只记一类。") % {"groups": _("、").join(others)})
    return tuple(notes)


def _disease_step(case: Case) -> Step:
    code = case.facts.get("diagnosis_code") or ""
    disease = find_disease(case.terms, case.disease)
    clause = disease.clause if disease else case.terms.reason_clauses["disease_not_listed"]
    quotes = quote(case.terms, clause, assumed=assumed_of(disease) if disease else "")
    if case.missing in DISEASE_FACTS:
        label, remedy = missing_fact(case.missing)
        return Step(_("缺%(fact)s，判不了病种") % {"fact": label}, (remedy,), quotes=quotes)
    if disease is None:
        private = _("主要诊断 %(code)s。") % {"code": code or "—"}
        return Step(_("病不在约定病种里"), private=private, quotes=quotes)
    said = {"disease": name_of(disease), "code": code, "row": disease.code}
    if case.awaits_proof:
        private = _("像%(disease)s，主要诊断 %(code)s。") % said
        todo = _("请看检查报告或诊断证明，看过再确认。")
        return Step(_("光看诊断编码判不了"), (todo,), private, quotes)
    notes = (_("光看编码判不了，经办人看过证明。"),) if case.facts.get("proof_seen") else ()
    private = _("%(disease)s：主要诊断 %(code)s，与病种表 %(row)s 相符。") % said
    return Step(_("病在约定病种里"), notes, private, quotes)


def _residual_step(case: Case) -> Step:
    medical = case.terms.top_up
    quotes = quote(case.terms, medical.residual_clause)
    if case.residual_fen is None:
        label, remedy = missing_fact(medical.eligible)
        return Step(_("缺%(fact)s，算不出还剩多少") % {"fact": label}, (remedy,), quotes=quotes)
    amounts: Mapping[str, int] = case.facts.get("amounts_fen", {})
    rows: list[dict[str, object]] = [
        {"label": AMOUNTS[medical.eligible], "fen": amounts.get(medical.eligible)}
    ]
    rows += [
        {"op": _("减"), "label": AMOUNTS.get(payer, payer), "fen": amounts[payer]}
        for payer in medical.payers
        if payer in amounts
    ]
    silent = sum(payer not in amounts for payer in medical.payers)
    if silent:
        label = _("其余 %(count)d 个支付方") % {"count": silent}
        rows.append({"op": _("减"), "label": label, "fen": 0, "source": _("结算文件没有写，按 0 算")})
    rows.append({"op": _("得"), "label": _("剩余合规费用"), "fen": case.residual_fen, "kind": "total"})
    note = _("结算号 %(number)s，%(source)s。") % {
        "number": case.facts.get("setl_id"),
        "source": source_words(case.facts.get("import_job_id"), case.facts.get("source_row")),
    }
    title = _("医保报销后，还剩 %(sum)s 元要自己付") % {"sum": yuan(case.residual_fen)}
    return Step(
        title, (note,), quotes=quotes, rows=tuple(rows), beside=_not_counted(amounts, medical.eligible)
    )


def _not_counted(amounts: Mapping[str, int], eligible: str) -> tuple[dict[str, object], ...]:
    total_fen = amounts.get("medfee_sumamt_fen")
    if total_fen is None or eligible not in amounts:
        return ()
    return (
        {"label": AMOUNTS["medfee_sumamt_fen"], "fen": total_fen},
        {"label": AMOUNTS[eligible], "fen": amounts[eligible]},
        {
            "label": _("全自费、超限价、先行自付，不算进去"),
            "fen": total_fen - amounts[eligible],
            "total": True,
        },
    )


def _sum_step(case: Case) -> Step:
    assert case.residual_fen is not None, "an entitled case has a residual"
    reading = case.terms.top_up.reading(case.reading)
    residual, benefit = yuan(case.residual_fen), yuan(case.benefit_fen)
    rows: list[dict[str, object]] = [{"label": _("剩余合规费用"), "fen": case.residual_fen}]
    title = _("剩余 %(residual)s 元，赔 %(benefit)s 元") % {"residual": residual, "benefit": benefit}
    if isinstance(reading, TierReading):
        tier = next(t for t in reading.tiers if t.below_fen is None or case.residual_fen < t.below_fen)
        bound_fen = tier.from_fen or tier.below_fen
        if bound_fen:
            said = {"residual": residual, "bound": yuan(bound_fen), "benefit": benefit}
            rows.append({"label": _("分界线"), "fen": bound_fen})
            title = (
                _("%(residual)s 元满 %(bound)s 元，赔 %(benefit)s 元")
                if tier.from_fen
                else _("%(residual)s 元不到 %(bound)s 元，赔 %(benefit)s 元")
            ) % said
        how = (
            _("按标准赔")
            if tier.rate_bp is None
            else _("赔 %(rate)s%%") % {"rate": percent(tier.rate_bp).removesuffix(".0")}
        )
    else:
        how = _("各段相加，不超过 %(limit)s 元") % {"limit": yuan(reading.limit.limit_fen)}
    rows.append({"op": _("得"), "label": how, "fen": case.benefit_fen, "kind": "total"})
    return Step(title, quotes=quote(case.terms, case.clause), rows=tuple(rows))


def _closing_step(case: Case) -> Step:
    return Step(
        _("不赔：%(reason)s") % {"reason": reason_word(case.reason)}, quotes=quote(case.terms, case.clause)
    )


def _readings(case: Case) -> list[dict[str, object]]:
    if case.outcome != "entitled" or case.residual_fen is None or len(case.terms.top_up.readings) < 2:
        return []
    views = list_readings(case.terms, case.residual_fen, adopted=case.reading)
    return [
        {
            "id": "ABCDEFGH"[number],
            "adopted": view.is_adopted,
            "text": view.name_en if is_english() else view.name_zh,
            "fen": view.benefit_fen,
        }
        for number, view in enumerate(views[:8])
    ]


def _basis(case: Case) -> str:
    clause = case.terms.clauses.get(case.clause)
    reading = reading_of(clause) if clause else ""
    return _("怎么读：%(reading)s。") % {"reading": reading} if reading else ""


def _claimed_note(case: Case) -> str:
    return (
        _("这次住院别处已经赔过。") if case.facts.get("is_claimed") else _("这次住院此前没有赔过，没有重复。")
    )


def _spell_words(terms: SchemeVersion, spell: Mapping[str, Any]) -> str:
    said = {"group": group_name(terms, spell["group"]), "start": day(_date(spell["from"]))}
    end = _date(spell["to"])
    if end is None:
        return _("%(group)s从 %(start)s 起，没有止日") % said
    return _("%(group)s从 %(start)s 起，到 %(end)s 止") % {**said, "end": day(end)}


def _holds(spell: Mapping[str, Any], on: date) -> bool:
    start, end = _date(spell["from"]), _date(spell["to"])
    return start is not None and start <= on and (end is None or on < end)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
