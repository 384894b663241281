"""The event language on the scheme page (方案页的事故部分): who, what, how much, up to where, what is open.

In: a version. Out: for each section rows of words with the clauses they rest on and what is assumed in them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.interfaces.desk.scheme_labels import is_english
from yiyuan.interfaces.desk.term_words import Wording
from yiyuan.rules.events.terms import Question
from yiyuan.rules.terms import SchemeVersion

PAYEES: dict[str, Promise] = {
    "victim": gettext_lazy("本人"),
    "heirs": gettext_lazy("继承人"),
    "household": gettext_lazy("这一户"),
    "guardian": gettext_lazy("监护人"),
    "provider": gettext_lazy("医院或殡仪馆等"),
    "village": gettext_lazy("村（社区）"),
    "township": gettext_lazy("乡镇（街道）"),
    "civil_affairs": gettext_lazy("民政部门"),
}
HOLDERS: dict[str, Promise] = {
    "person": gettext_lazy("每人"),
    "household": gettext_lazy("每户"),
    "county": gettext_lazy("每县"),
    "event": gettext_lazy("所有受害人合计"),
    "scheme": gettext_lazy("全方案合计"),
}
SPANS: dict[str, Promise] = {
    "event": gettext_lazy("每次事故"),
    "year": gettext_lazy("每年"),
    "term": gettext_lazy("整个期间"),
    "admission": gettext_lazy("每次住院"),
    "life": gettext_lazy("一生"),
}
SHARING: dict[str, Promise] = {
    "pro_rata": gettext_lazy("超了按比例分到分"),
    "in_order": gettext_lazy("超了先到先得"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One term: its name, what it says line by line, its clause, and where an assumption comes from."""

    name: str
    lines: Sequence[str]
    clause: str
    assumed: str


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the page; a section without rows is left out."""

    id: str
    title: str
    rows: Sequence[Row]


def event_sections(terms: SchemeVersion) -> Sequence[Part]:
    """Return the sections of the event language that the version has something in."""
    wording = Wording(terms)
    found = [Part(id_, str(title), list(make(terms, wording))) for id_, (title, make) in _SECTIONS.items()]
    return [part for part in found if part.rows]


def _cover(terms: SchemeVersion, wording: Wording) -> Sequence[Row]:
    return [
        _row(one, one.clause, [wording.condition(one.when)], one.assumed)
        for one in terms.events.cover.values()
    ]


def _exclusions(terms: SchemeVersion, wording: Wording) -> Sequence[Row]:
    return [
        _row(one, one.clause, [wording.condition(one.when)], one.assumed) for one in terms.events.exclusions
    ]


def _benefits(terms: SchemeVersion, wording: Wording) -> Sequence[Row]:
    causes = {one.code: (is_english() and one.name_en) or one.name_zh for one in terms.liabilities}
    limits = {one.name: _name(one) for one in terms.events.limits}
    return [
        _row(
            one,
            one.clause,
            [
                _("哪些原因：%(names)s") % {"names": _("、").join(causes[code] for code in one.liabilities)},
                _said(_("条件：%(words)s"), wording.condition(one.when)),
                _("赔：%(words)s") % {"words": wording.amount(one.amount)},
                _said(
                    _("算在哪个限额里：%(words)s"), _("、").join(limits[name] for name in sorted(one.limits))
                ),
                _("付给：%(who)s") % {"who": PAYEES.get(one.payee, one.payee)},
            ],
            one.assumed,
        )
        for one in terms.events.benefits
    ]


def _limits(terms: SchemeVersion, wording: Wording) -> Sequence[Row]:
    names = {one.name: _name(one) for one in terms.events.limits}
    return [
        _row(
            one,
            one.clause,
            [
                _("%(who)s，%(span)s：%(amount)s")
                % {
                    "who": HOLDERS[one.per],
                    "span": SPANS[one.over],
                    "amount": wording.amount(one.amount),
                },
                _said(_("只管：%(words)s"), wording.condition(one.when)),
                _said(_("在这些限额之内：%(words)s"), _("、").join(names[i.limit] for i in one.inside)),
                _said(_("另加在这些之外：%(words)s"), _("、").join(names[name] for name in one.added_to)),
                str(SHARING.get(one.sharing or "", "")),
                _("超了怎么分，看问题 %(name)s") % {"name": one.sharing_question}
                if one.sharing_question
                else "",
            ],
            one.assumed,
        )
        for one in terms.events.limits
    ]


def _answer(question: Question, option: str) -> str:
    # Options have no English in the language; their codes are English words.
    return option.replace("_", " ") if is_english() else question.options.get(option, option)


def _questions(terms: SchemeVersion, wording: Wording) -> Sequence[Row]:
    return [
        Row(
            (is_english() and one.asks_en) or one.asks,
            [
                _("定为：%(answer)s") % {"answer": _answer(one, one.decided)}
                if one.decided is not None
                else _("没有答复；案子用得到它时先待定"),
                (one.reading_en if is_english() else one.reading) or "",
            ],
            one.clause,
            "",
        )
        for one in terms.events.questions.values()
    ]


def _papers(terms: SchemeVersion, wording: Wording) -> Sequence[Row]:
    return [
        Row(
            _("、").join((is_english() and one.names_en) or one.names),
            [
                _("交其中 %(n)d 样") % {"n": one.any_of} if one.any_of < len(one.names) else "",
                _said(_("条件：%(words)s"), wording.condition(one.when)),
                _("名册里有，不用交") if one.held_by_register else "",
            ],
            one.clause,
            "",
        )
        for one in terms.papers
    ]


def _name(one: Any) -> str:
    return str((is_english() and one.name_en) or one.name_zh or one.name)


def _said(words: str, text: str) -> str:
    return words % {"words": text} if text else ""


def _row(one: Any, clause: str, lines: Sequence[str], assumed: str | None) -> Row:
    return Row(_name(one), [line for line in lines if line], clause, assumed or "")


_SECTIONS: dict[str, tuple[Promise, Callable[[SchemeVersion, Wording], Sequence[Row]]]] = {
    "cover": (gettext_lazy("保障谁"), _cover),
    "benefits": (gettext_lazy("赔什么、赔多少"), _benefits),
    "limits": (gettext_lazy("赔到哪里为止"), _limits),
    "exclusions": (gettext_lazy("不赔的"), _exclusions),
    "papers": (gettext_lazy("要哪些材料"), _papers),
    "questions": (gettext_lazy("方案没写清、怎么定的"), _questions),
}
