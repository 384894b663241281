"""Papers (材料): which papers a case asks for, and which of them are missing.

In: a scheme's papers, the liability, the benefits claimed with their kinds, the person, what has been
handed in. Out: papers to ask for. What the registers hold is never asked of a person. A paper whose
condition cannot be told yet is asked for only once the fact is known; the fact is named.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from yiyuan.rules.contract_terms import Paper
from yiyuan.rules.events.conditions import Missing, Scope, holds


@dataclass(frozen=True, slots=True)
class AskedPaper:
    """A paper to ask for: `any_of` so many of `names` are still needed; `open_facts` decide whether at
    all."""

    names: tuple[str, ...]
    names_en: tuple[str, ...]
    any_of: int
    clause: str
    open_facts: tuple[str, ...] = ()


def papers_of(
    papers: Sequence[Paper], liability: str, benefits: Mapping[str, str], scope: Scope
) -> list[AskedPaper]:
    """Return the papers that the case asks of a person, in the order of the file.

    `benefits` are those claimed, each with its kind. `open_facts` is empty where the paper is asked for.
    """
    asked: list[AskedPaper] = []
    for paper in papers:
        if paper.held_by_register or not _concerns(paper, liability, benefits):
            continue
        missing: Missing = []
        applies = True if paper.when is None else holds(paper.when, scope, missing)
        if applies is not False:
            open_facts = () if applies else tuple(dict.fromkeys(name for _, name in missing))
            asked.append(AskedPaper(paper.names, paper.names_en, paper.any_of, paper.clause, open_facts))
    return asked


def missing_papers(asked: Sequence[AskedPaper], handed_in: Collection[str]) -> list[AskedPaper]:
    """Return what of the papers asked for has not been handed in, each with how many are still needed.

    A paper that hangs on an open fact stays in the list with that fact.
    """
    missing: list[AskedPaper] = []
    for paper in asked:
        here = [name in handed_in for name in paper.names]
        needed = paper.any_of - sum(here)
        if needed > 0:
            english = paper.names_en or paper.names
            left = tuple(name for name, has in zip(paper.names, here, strict=True) if not has)
            left_en = tuple(name for name, has in zip(english, here, strict=True) if not has)
            missing.append(AskedPaper(left, left_en, needed, paper.clause, paper.open_facts))
    return missing


def _concerns(paper: Paper, liability: str, benefits: Mapping[str, str]) -> bool:
    return (
        (not paper.liabilities or liability in paper.liabilities)
        and (not paper.benefits or any(name in paper.benefits for name in benefits))
        and (not paper.kinds or any(kind in paper.kinds for kind in benefits.values()))
    )
