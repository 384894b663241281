"""Papers to bring (要带什么材料): said once, what everybody brings first; what a register holds is not asked.

In: a scheme version. Out: blocks for the guide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yiyuan.rules.contract_terms import Paper
from yiyuan.rules.guide.model import Block, Heading, Line
from yiyuan.rules.guide.sentences import Sentences
from yiyuan.rules.guide.wording import Wording
from yiyuan.rules.terms import Liability, SchemeVersion


@dataclass(frozen=True, slots=True)
class Papers:
    """Says which papers a claim needs."""

    version: SchemeVersion
    wording: Wording
    sentences: Sentences

    def blocks(self) -> Iterator[Block]:
        """Yield what all bring, then what each cause adds, then what nobody brings."""
        tongue = self.sentences.tongue
        by_cause = {one.code: list(self._documents(one)) for one in self.version.liabilities}
        shared = self._shared(by_cause)
        general = [one for one in self.version.papers if not one.held_by_register and not one.liabilities]
        apart = self._apart()
        clauses = [one.clause for one in self.version.liabilities if one.code != apart]
        lines = [self._paper(one) for one in general]
        if shared:
            before = (
                tongue("出了事故都要：", "After any accident: ")
                if apart is not None
                else tongue("都要：", "Always: ")
            )
            lines.insert(0, self._listed(before, shared, clauses))
        if lines:
            yield Heading(tongue("不管什么原因", "Whatever the cause"))
            yield from lines
        for liability in self.version.liabilities:
            yield from self._own(liability, [one for one in by_cause[liability.code] if one not in shared])
        yield from self._held()
        if not lines and not any(by_cause.values()) and not self.version.papers:
            yield self.sentences.open(
                tongue(
                    "要哪些材料，方案还没定。先到网点问清楚再跑。",
                    "The papers are not decided yet: ask at a desk first.",
                )
            )

    def _apart(self) -> str | None:
        return None if self.version.medical is None else self.version.medical.liability

    def _shared(self, by_cause: Mapping[str, Sequence[str]]) -> list[str]:
        # The top-up has a list of its own, mostly taken from registers.
        apart = self._apart()
        lists = [some for code, some in by_cause.items() if code != apart]
        return [text for text in lists[0] if all(text in some for some in lists)] if lists else []

    def _documents(self, liability: Liability) -> Iterator[str]:
        is_english = self.sentences.tongue.language == "en" and liability.documents_en
        held = {name for paper in self.version.papers if paper.held_by_register for name in paper.names}
        named = liability.documents_en if is_english else liability.documents
        for name, chinese in zip(named, liability.documents, strict=False):
            if chinese not in held:
                yield name

    def _own(self, liability: Liability, documents: Sequence[str]) -> Iterator[Block]:
        tongue = self.sentences.tongue
        papers = [
            one
            for one in self.version.papers
            if liability.code in one.liabilities and not one.held_by_register
        ]
        if documents or papers:
            yield Heading(tongue.name(liability), 2)
        if documents:
            yield self._listed("", documents, [liability.clause], assumed=bool(liability.assumed))
        yield from map(self._paper, papers)

    def _listed(
        self, before: str, names: Sequence[str], clauses: Sequence[str], *, assumed: bool = False
    ) -> Line:
        tongue = self.sentences.tongue
        assumed = assumed or any(
            bool(one.assumed) for one in self.version.liabilities if one.clause in clauses
        )
        text = before + tongue("；", "; ").join(dict.fromkeys(names)) + tongue("。", ".")
        return self.sentences.line(text, *clauses, assumed=assumed)

    def _paper(self, paper: Paper) -> Line:
        tongue = self.sentences.tongue
        names = tongue.listed((tongue.language == "en" and paper.names_en) or paper.names)
        if paper.any_of < len(paper.names):
            names = tongue(f"下面任选 {paper.any_of} 样：{names}", f"any {paper.any_of} of: {names}")
        benefits = {one.name: tongue.name(one) for one in self.version.events.benefits}
        kinds = [tongue.name(one) for one in self.version.events.benefits if one.kind in paper.kinds]
        for_what = tongue.listed(dict.fromkeys([*(benefits.get(one, one) for one in paper.benefits), *kinds]))
        when = self.wording.condition(paper.when) if paper.when is not None else ""
        occasion = tongue("，", ", ").join(filter(None, (for_what, when)))
        text = (
            tongue(f"{occasion}：{names}。", f"{occasion}: {names}.")
            if occasion
            else names + tongue("。", ".")
        )
        return self.sentences.line(text, paper.clause)

    def _held(self) -> Iterator[Block]:
        tongue = self.sentences.tongue
        held = [one for one in self.version.papers if one.held_by_register]
        names = [name for one in held for name in ((tongue.language == "en" and one.names_en) or one.names)]
        if names:
            listed = tongue.listed(dict.fromkeys(names))
            text = tongue(
                f"这些不用您拿，名册里查得到：{listed}。",
                f"Not asked of you, the registers have it: {listed}.",
            )
            yield self.sentences.line(text, *(one.clause for one in held))
