"""Parsing events (事故保障的解读): facts, questions, cover, benefits and limits of a scheme file become
terms.

In: the top of a scheme file, the standard facts, and the liabilities by code and cause. Out: `EventTerms`;
faults are findings. The form: `docs/schemes/language.md`.
"""

from collections.abc import Mapping, Sequence

from yiyuan.kernel.money import AMOUNT_FEN_MAX
from yiyuan.rules.events.amounts import Amount, Fixed
from yiyuan.rules.events.conditions import Answered, Condition
from yiyuan.rules.events.facts import CASE_FACTS, EVENT, HOUSEHOLD, PERSON, Fact
from yiyuan.rules.events.terms import (
    ADD,
    FIRST,
    HIGHEST,
    HOLDERS,
    IN_ORDER,
    KINDS,
    PRO_RATA,
    SPANS,
    Benefit,
    CauseTerms,
    Combination,
    Cover,
    EventTerms,
    Exclusion,
    Inside,
    Question,
    RunningLimit,
    SeveralCauses,
)
from yiyuan.rules.scheme_file.amounts import Context, parse_amount
from yiyuan.rules.scheme_file.claiming import parse_claimed_with, parse_payee
from yiyuan.rules.scheme_file.conditions import Names, parse_answers, parse_condition
from yiyuan.rules.scheme_file.facts import parse_facts, parse_options
from yiyuan.rules.scheme_file.located import Located, Section, nearest
from yiyuan.rules.terms import Liability

RULES = (HIGHEST, FIRST, ADD)
SHARED_HOLDERS = frozenset(HOLDERS) - {PERSON, HOUSEHOLD}


def parse_names(top: Section, standard: Mapping[str, Fact]) -> tuple[Names, dict[str, Question]]:
    """Return what the file may name, and its questions, which conditions may turn on."""
    names = Names(top.findings, {**CASE_FACTS, **standard})
    if top.has("facts"):
        names.facts = parse_facts(top.section("facts"), names)
    questions = {}
    for entry in top.sections("questions"):
        question = _question(entry)
        questions[question.name] = question
    names.questions = {name: tuple(one.options) for name, one in questions.items()}
    if top.has("tables"):
        names.tables = dict(top.section("tables").values())
    return names, questions


def parse_events(
    top: Section,
    names: Names,
    questions: Mapping[str, Question],
    liabilities: Sequence[Liability],
    causes: Mapping[str, CauseTerms],
    settled_apart: str | None,
) -> EventTerms:
    """Return the terms of events; `settled_apart` is the liability decided settlement by settlement."""
    cover = {one.name: one for one in (_cover(entry, names) for entry in top.sections("cover"))}
    codes = [one.code for one in liabilities]
    open_to_all = tuple(code for code in codes if code != settled_apart)
    benefits = tuple(_benefit(entry, names, codes, open_to_all) for entry in top.sections("benefits"))
    exclusions = tuple(_exclusion(entry, names, codes) for entry in top.sections("exclusions"))
    limits = tuple(_limit(entry, names, codes) for entry in top.sections("limits"))
    combine = tuple(_combination(entry) for entry in top.sections("combine"))
    every_cover = tuple(cover)
    terms = EventTerms(
        facts=names.facts,
        questions=questions,
        cover=cover,
        causes={code: CauseTerms(one.when, one.cover or every_cover) for code, one in causes.items()},
        exclusions=exclusions,
        benefits=benefits,
        limits=limits,
        combine=combine,
        several_causes=_several_causes(top, [one.cause for one in liabilities]),
    )
    _check_names(top, terms, causes)
    return terms


def parse_cause(entry: Section, names: Names) -> CauseTerms:
    """Return what a liability asks of a victim beside its cause."""
    return CauseTerms(_condition(entry, "when", names), entry.texts("cover"))


def _question(entry: Section) -> Question:
    clause = entry.cite()
    options = parse_options(entry)
    decided, undecided = entry.text_or_none("decided"), entry.flag("undecided")
    if (decided is None) != undecided:
        entry.fault("应写 decided（答案，并写 reading 说明理由）或 undecided: true 其中一个")
    if len(options) == 1 or (decided is not None and not options):
        entry.fault("options 应至少有两个答案", entry.line_of("options"))
    if decided is not None and decided not in options:
        entry.fault(f"options 里没有 {decided}{nearest(decided, list(options))}", entry.line_of("decided"))
    if decided is not None and not entry.has("reading"):
        entry.fault("定了答案的问题应写 reading：凭什么这样读")
    asks = entry.text("asks")
    question = Question(
        name=entry.name_text("name"),
        asks=asks,
        asks_en=entry.english("asks") or asks,
        options=options,
        decided=decided,
        reading=entry.text_or_none("reading"),
        reading_en=entry.english("reading"),
        clause=clause,
    )
    entry.close()
    return question


def _names_of(entry: Section) -> tuple[str, str, str]:
    name = entry.name_text("name")
    name_zh = entry.text_or_none("name_zh") or name
    return name, name_zh, entry.text_or_none("name_en") or name_zh


def _assumed(entry: Section) -> str | None:
    entry.english("assumed")
    return entry.text_or_none("assumed")


def _condition(entry: Section, key: str, names: Names) -> Condition | None:
    node = entry.node(key)
    return parse_condition(node, names, entry.clause) if node is not None else None


def _needed_condition(entry: Section, names: Names) -> Condition:
    node = entry.node("when")
    if node is None:
        entry.fault(f"{entry.name} 没有写条件（when）")
        node = Located({}, entry.line)
    return parse_condition(node, names, entry.clause)


def _cover(entry: Section, names: Names) -> Cover:
    clause = entry.cite()
    cover = Cover(
        *_names_of(entry),
        _one_of(entry, "for", (PERSON, HOUSEHOLD), PERSON),
        _needed_condition(entry, names),
        clause,
        _assumed(entry),
    )
    entry.close()
    return cover


def _exclusion(entry: Section, names: Names, codes: Sequence[str]) -> Exclusion:
    clause = entry.cite()
    exclusion = Exclusion(
        *_names_of(entry),
        when=_needed_condition(entry, names),
        liabilities=frozenset(_known(entry, "liabilities", codes)),
        benefits=frozenset(entry.texts("benefits")),
        clause=clause,
        assumed=_assumed(entry),
    )
    entry.close()
    return exclusion


def _benefit(entry: Section, names: Names, codes: Sequence[str], open_to_all: tuple[str, ...]) -> Benefit:
    clause = entry.cite()
    name, name_zh, name_en = _names_of(entry)
    of = _one_of(entry, "for", (PERSON, HOUSEHOLD, EVENT), PERSON)
    benefit = Benefit(
        name=name,
        name_zh=name_zh,
        name_en=name_en,
        kind=_one_of(entry, "kind", KINDS, "other"),
        of=of,
        liabilities=_known(entry, "liabilities", codes) if entry.has("liabilities") else open_to_all,
        cover=entry.texts("cover") if entry.has("cover") else None,
        claimed_with=parse_claimed_with(entry, names, of),
        when=_condition(entry, "when", names),
        amount=_amount(entry, "amount", Context(names, name, clause)),
        limits=frozenset(entry.texts("limits")),
        payee=parse_payee(entry),
        clause=clause,
        assumed=_assumed(entry),
    )
    entry.close()
    return benefit


def _amount(entry: Section, key: str, context: Context) -> Amount:
    node = entry.node(key)
    if node is None:
        entry.fault(f"{entry.name} 没有写 {key}")
        return Fixed(0)
    return parse_amount(node, context)


def _limit(entry: Section, names: Names, codes: Sequence[str]) -> RunningLimit:
    clause = entry.cite()
    name, name_zh, name_en = _names_of(entry)
    is_both = entry.has("limit_fen") and entry.has("limit")
    is_missing = not (entry.has("limit_fen") or entry.has("limit"))
    if is_both or (is_missing and not entry.has_slip_of("limit_fen")):
        entry.fault("应写 limit_fen（分）或 limit（一种金额写法）其中一个")
    if is_missing:
        amount: Amount = Fixed(1)
    elif entry.has("limit_fen"):
        amount = Fixed(entry.integer("limit_fen", 1, AMOUNT_FEN_MAX))
    else:
        context = Context(names, f"{name}.limit", clause, leaves_step=False)
        amount = _amount(entry, "limit", context)
    per = _one_of(entry, "per", HOLDERS, "")
    sharing, question = _sharing(entry, names, per)
    limit = RunningLimit(
        name=name,
        name_zh=name_zh,
        name_en=name_en,
        per=per,
        over=_one_of(entry, "over", SPANS, ""),
        amount=amount,
        when=_condition(entry, "when", names),
        liabilities=frozenset(_known(entry, "liabilities", codes)),
        inside=_inside(entry, names),
        added_to=_one_or_several(entry, "added_to"),
        sharing=sharing,
        sharing_question=question,
        clause=clause,
        assumed=_assumed(entry),
    )
    entry.close()
    return limit


def _sharing(entry: Section, names: Names, per: str) -> tuple[str | None, str | None]:
    node = entry.node("when_exceeded")
    if node is None:
        if per in SHARED_HOLDERS:
            entry.fault(
                f"{entry.text('name')} 是几个人合用的限额，超出时怎么分没有写"
                "（when_exceeded: pro_rata 按比例、in_order 先到先得，或 {question: 待定问题}）"
            )
        return None, None
    if isinstance(node.value, str):
        return _one_of(entry, "when_exceeded", (PRO_RATA, IN_ORDER), IN_ORDER), None
    inner = entry.section("when_exceeded")
    question = inner.text("question")
    inner.close()
    options = names.questions.get(question)
    if options is None:
        entry.fault(f"questions 里没有 {question}{nearest(question, list(names.questions))}", node.line)
    elif set(options) != {PRO_RATA, IN_ORDER}:
        entry.fault(f"{question} 的答案应是 pro_rata 和 in_order", node.line)
    return None, question


def _inside(entry: Section, names: Names) -> tuple[Inside, ...]:
    node = entry.node("inside")
    if node is None:
        return ()
    items = node.value if isinstance(node.value, list) else [node]
    found: list[Inside] = []
    for item in items:
        if not isinstance(item.value, dict):
            found.append(Inside(str(item.value), ()))
            continue
        inner = Section(item, names.findings, "inside")
        answers: tuple[Answered, ...] = ()
        condition = inner.node("if")
        if condition is not None:
            answers = parse_answers(condition, names, entry.clause)
        found.append(Inside(inner.text("limit"), answers))
        inner.close()
    return tuple(found)


def _combination(entry: Section) -> Combination:
    clause = entry.cite()
    combination = Combination(entry.texts("benefits"), _one_of(entry, "rule", RULES, ""), clause)
    entry.close()
    return combination


def _several_causes(top: Section, causes: Sequence[str]) -> SeveralCauses | None:
    if not top.has("several_causes"):
        return None
    entry = top.section("several_causes")
    clause = entry.cite()
    order = _known(entry, "order", causes) or tuple(causes)
    rule = SeveralCauses(_one_of(entry, "rule", RULES, ""), order, clause)
    entry.close()
    return rule


def _one_or_several(entry: Section, key: str) -> tuple[str, ...]:
    node = entry.node(key)
    if node is None:
        return ()
    return (node.value,) if isinstance(node.value, str) else entry.texts(key)


def _known(entry: Section, key: str, known: Sequence[str]) -> tuple[str, ...]:
    found = entry.texts(key)
    for name in found:
        if name not in known:
            entry.fault(f"{key} 里不认识 {name}{nearest(name, known)}", entry.line_of(key))
    return tuple(name for name in found if name in known)


def _one_of(entry: Section, key: str, allowed: tuple[str, ...], otherwise: str) -> str:
    word = entry.text_or_none(key)
    if word is None:
        if not otherwise:
            entry.fault(f"{entry.name} 没有写 {key}（{'、'.join(allowed)}）")
        return otherwise or allowed[0]
    if word not in allowed:
        entry.fault(f"{key} 不能是“{word}”{nearest(word, allowed)}", entry.line_of(key))
        return otherwise or allowed[0]
    return word


def _check_names(top: Section, terms: EventTerms, causes: Mapping[str, CauseTerms]) -> None:
    limits = [limit.name for limit in terms.limits]
    benefits = [benefit.name for benefit in terms.benefits]
    pairs: list[tuple[str, str, Sequence[str], Sequence[str]]] = [
        ("benefits", "限额", [name for one in terms.benefits for name in sorted(one.limits)], limits),
        (
            "benefits",
            "保障对象",
            [name for one in terms.benefits for name in one.cover or ()],
            list(terms.cover),
        ),
        (
            "liabilities",
            "保障对象",
            [name for one in causes.values() for name in one.cover],
            list(terms.cover),
        ),
        ("exclusions", "赔付项目", [name for one in terms.exclusions for name in one.benefits], benefits),
        ("combine", "赔付项目", [name for one in terms.combine for name in one.benefits], benefits),
        ("limits", "限额", [name for one in terms.limits for name in one.added_to], limits),
    ]
    for key, what, used, known in pairs:
        for name in dict.fromkeys(used):
            if name not in known:
                top.findings.add(top.line_of(key), f"{key} 里不认识{what} {name}{nearest(name, known)}")
    for key, named in (("benefits", benefits), ("limits", limits), ("cover", list(terms.cover))):
        for name in sorted({name for name in named if named.count(name) > 1}):
            top.findings.add(top.line_of(key), f"{key} 里 {name} 写了两次")
    _check_order(top, terms, limits)


def _check_order(top: Section, terms: EventTerms, limits: Sequence[str]) -> None:
    for number, limit in enumerate(terms.limits):
        for inside in limit.inside:
            if inside.limit not in limits:
                hint = nearest(inside.limit, limits)
                top.findings.add(top.line_of("limits"), f"{limit.name} 的 inside 不认识 {inside.limit}{hint}")
            elif limits.index(inside.limit) <= number:
                top.findings.add(
                    top.line_of("limits"),
                    f"{limit.name} 在 {inside.limit} 之内，应写在它前面：限额按写的次序用，先内后外",
                    limit.clause,
                )
