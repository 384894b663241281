"""What two persons accept (生效要认下的): every assumed term, and every clause that rests on press alone.

In: a scheme version. Out: the things to accept, by name. What has one origin is accepted together, with all
the terms named in it. The key of an item changes with its words, so nobody accepts what has changed since.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from yiyuan.rules.terms import SchemeVersion

PRESS = "press"


@dataclass(frozen=True, slots=True)
class ToAccept:
    """One thing to accept: what kind, the terms by name, and where they come from."""

    kind: str
    names: tuple[str, ...]
    origin: str

    @property
    def key(self) -> str:
        """A short name of exactly these words."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.kind} {'、'.join(self.names)}：{self.origin}"


def to_accept(version: SchemeVersion) -> list[ToAccept]:
    """Return what has to be accepted, in the order of the terms; repeating it gives the same."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind, name, origin in _named(version):
        found.setdefault((kind, origin), []).append(name)
    return [ToAccept(kind, tuple(names), origin) for (kind, origin), names in found.items()]


def _named(version: SchemeVersion) -> Iterator[tuple[str, str, str]]:
    for kind, name, assumed in _assumable(version):
        if assumed is not None:
            yield f"推定的{kind}", name, assumed
    for clause in version.clauses.values():
        source = version.sources.get(clause.source) if clause.source is not None else None
        if source is not None and source.kind == PRESS:
            yield "只有报道为据的条款", clause.id, source.title


def _assumable(version: SchemeVersion) -> Iterator[tuple[str, str, str | None]]:
    events = version.events
    yield from (("条款", clause.id, clause.assumed) for clause in version.clauses.values())
    yield from (("县区", county.name_zh, county.assumed) for county in version.counties)
    yield from (("病种", disease.name_zh, disease.assumed) for disease in version.diseases)
    for liability in version.liabilities:
        yield "责任", liability.name_zh, liability.assumed
        for limit in liability.limits:
            yield "限额", f"{liability.name_zh} {limit.name}", limit.assumed
    yield from (("保障对象", one.name_zh, one.assumed) for one in events.cover.values())
    yield from (("免除", one.name_zh, one.assumed) for one in events.exclusions)
    yield from (("赔付项目", one.name_zh, one.assumed) for one in events.benefits)
    yield from (("限额", one.name_zh or one.name, one.assumed) for one in events.limits)
