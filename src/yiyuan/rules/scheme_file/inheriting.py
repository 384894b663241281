"""Inheriting (方案继承): one plan laid over another, so that its file says only what it does differently.

In: located trees, the own one and those it takes over. Out: one tree, in which every value keeps the line and
the file it comes from. What this file says wins, key by key; rows are matched by `name`, `code` or `cause`;
lists without names are taken as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence

from yiyuan.rules.scheme_file.located import Findings, Located

# What a file says of itself and nobody takes over.
_OWN = ("scheme", "title", "title_en", "valid", "inherits", "not_below", "background", "sources")
# Sections whose entries are one term each, and sections that are one term: their parts do not mix.
_OF_WHOLE_ENTRIES = ("clauses", "facts", "tables")
_WHOLE = (
    "amount", "when", "limit", "of", "if", "inside", "options", "place", "shared", "residual",
    "insurers", "risk_sharing", "reserve", "several_causes",
)  # fmt: skip
_IDENTITIES = ("name", "code", "cause")
# Ways to say the same: who says it one way takes the other way out.
_ALTERNATIVES = (
    ("rate_fen_per_person_year", "parts"),
    ("limit_fen", "limit"),
    ("within_days", "within_months", "within_years"),
    ("tiers", "bands"),
    ("decided", "undecided"),
)
# What belongs to the value beside it and goes when that is said anew.
_COMPANIONS = {
    "name_zh": ("name_en",),
    "clause": ("assumed", "assumed_en", "reading", "reading_en"),
    "undecided": ("reading", "reading_en"),
}


def lay_over(own: Located, parent: Located, findings: Findings) -> Located:
    """Return the own tree with what it leaves unsaid taken from the parent."""
    if not isinstance(own.value, dict) or not isinstance(parent.value, dict):
        return own
    taken = {key: node for key, node in parent.value.items() if key not in _OWN}
    _note_losses(own.value, taken, findings)
    return Located(_merged_keys(own.value, taken, findings), own.line)


def _note_losses(own: Mapping[str, Located], taken: Mapping[str, Located], findings: Findings) -> None:
    # An inherited term whose clause this file writes anew would be quoted with words it never rested on.
    mine, theirs = (tree.get("clauses", Located(None, 0)).value for tree in (own, taken))
    if isinstance(mine, dict) and isinstance(theirs, dict):
        # The same words, come here by two parents that share one, are the same clause.
        lost = [
            (clause, findings.place(theirs[clause].line)[0])
            for clause in mine
            if clause in theirs and _plain(mine[clause]) != _plain(theirs[clause])
        ]
        findings.lost_clauses.update(lost)


def _plain(node: Located) -> object:
    """Return what the node says, whatever its lines."""
    if isinstance(node.value, dict):
        return {key: _plain(inner) for key, inner in node.value.items()}
    return [_plain(item) for item in node.value] if isinstance(node.value, list) else node.value


def _merged_keys(
    own: Mapping[str, Located], parent: Mapping[str, Located], findings: Findings, *, whole: bool = False
) -> dict[str, Located]:
    driven_out = set() if whole else _driven_out(own)
    merged: dict[str, Located] = {}
    for key, node in own.items():
        if _is_drop(node):
            _check_drop(node, key, key in parent, findings)
        elif node.value is None and key in parent:
            merged[key] = parent[key]
        elif whole or key in _WHOLE or key not in parent:
            merged[key] = node
        else:
            merged[key] = _laid(key, node, parent[key], findings)
    return merged | {key: parent[key] for key in parent if key not in own and key not in driven_out}


def _laid(key: str, own: Located, parent: Located, findings: Findings) -> Located:
    if isinstance(own.value, dict) and isinstance(parent.value, dict):
        keys = _merged_keys(own.value, parent.value, findings, whole=key in _OF_WHOLE_ENTRIES)
        return Located(keys, own.line)
    if isinstance(own.value, list) and isinstance(parent.value, list) and _are_named(own, parent):
        return Located(_merged_rows(own.value, parent.value, findings), own.line)
    return own


def _are_named(own: Located, parent: Located) -> bool:
    rows = [*rows_of(own), *rows_of(parent)]
    return all(isinstance(row.value, dict) and identity(row) is not None for row in rows)


def _merged_rows(own: Sequence[Located], parent: Sequence[Located], findings: Findings) -> list[Located]:
    """Return the rows of both: matched ones where the parent has them, new ones after their neighbour.

    New rows before any matched one come first: among clocks the first that fits decides, and a plan's own
    clock goes before the one it falls back on.
    """
    places = _places(own, parent)
    # Where this file lists rows in an order of its own, its order holds.
    slots = iter(sorted(place for place in places if place is not None))
    groups: dict[int, list[Located]] = {-1: []}
    slot = -1
    for row, place in zip(own, places, strict=True):
        if place is not None:
            slot = next(slots)
            groups[slot] = _merged_row(row, parent[place], findings)
        elif _drops(row):
            _check_drop(row, str(identity(row)), is_there=False, findings=findings)
        else:
            groups[slot].append(row)
    return [
        *groups[-1],
        *(row for at, theirs in enumerate(parent) for row in groups.get(at, [theirs])),
    ]


def _places(own: Sequence[Located], parent: Sequence[Located]) -> list[int | None]:
    # A name used twice is a fault that the reader of the rows reports, so the second row stays a row.
    places: list[int | None] = []
    for row in own:
        place = next((at for at, theirs in enumerate(parent) if _match(row, theirs)), None)
        places.append(None if place in places else place)
    return places


def _merged_row(row: Located, theirs: Located, findings: Findings) -> list[Located]:
    if not isinstance(row.value, dict) or not isinstance(theirs.value, dict):
        return [row]
    if _drops(row):
        _check_drop(row, str(identity(row)), is_there=True, findings=findings)
        return []
    return [Located(_merged_keys(row.value, theirs.value, findings), row.line)]


def _match(row: Located, theirs: Located) -> bool:
    mine, other = row.value, theirs.value
    if not isinstance(mine, dict) or not isinstance(other, dict):
        return False
    key = next(key for key in _IDENTITIES if key in mine)
    return key in other and mine[key].value == other[key].value


def identity(row: Located) -> str | None:
    """Return the name a row goes by, None where it has none."""
    if not isinstance(row.value, dict):
        return None
    for key in _IDENTITIES:
        if key in row.value and isinstance(row.value[key].value, str):
            return str(row.value[key].value)
    return None


def _driven_out(own: Mapping[str, Located]) -> set[str]:
    said = {key for key, node in own.items() if node.value is not None}
    out = {other for group in _ALTERNATIVES if said & set(group) for other in group}
    for key in said:
        out |= {f"{key}_en", *_COMPANIONS.get(key, ())}
    return out - said


def _drops(row: Located) -> bool:
    return isinstance(row.value, dict) and "drop" in row.value and row.value["drop"].value == "true"


def _is_drop(node: Located) -> bool:
    return _drops(node) and isinstance(node.value, dict) and len(node.value) == 1


def _check_drop(node: Located, name: str, is_there: bool, findings: Findings) -> None:
    assert isinstance(node.value, dict), "what is dropped is a mapping"
    if not is_there:
        findings.add(node.line, f"{name} 写了 drop: true，继承的文件里却没有它")
    further = [key for key in node.value if key not in ("drop", *_IDENTITIES)]
    if further:
        findings.add(node.line, f"{name} 写了 drop: true，就不能再写 {'、'.join(further)}")


def rows_of(node: Located) -> Iterable[Located]:
    """Return the rows of a list, none of anything else."""
    return node.value if isinstance(node.value, list) else ()
