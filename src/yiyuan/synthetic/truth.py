"""What an importer must find in the made-up files (标准答案), counted while the dirt is made.

In: one call a data row. Out: ``truth.json`` with rows read, accepted and refused by reason of every file,
and ``truth-refused.csv`` with file, row (1 = first data row of the file, counted on over its sheets) and
reason.
"""

import csv
import json
from collections import Counter
from pathlib import Path

TRUTH = "truth.json"


class FileTruth:
    """The tally of one file; its sheets may be written in turn, rows are numbered as a reader meets them."""

    def __init__(self, name: str, kind: str, group: str | None, sheets: int = 1) -> None:
        self.name = name
        self.kind = kind
        self.group = group
        self._rows = [0] * sheets
        self._refused: list[tuple[int, int, str]] = []

    def record(self, fault: str | None, *, sheet: int = 0) -> None:
        """Count one data row of a sheet, refused for ``fault`` or accepted where there is none."""
        self._rows[sheet] += 1
        if fault is not None:
            self._refused.append((sheet, self._rows[sheet], fault))

    def rows_of(self, sheet: int) -> int:
        """Return how many data rows the sheet holds so far."""
        return self._rows[sheet]

    def counts(self) -> dict[str, object]:
        """Return read, accepted and refused by reason."""
        read = sum(self._rows)
        reasons = Counter(reason for _, _, reason in self._refused)
        return {
            "kind": self.kind,
            "group": self.group,
            "read": read,
            "accepted": read - len(self._refused),
            "refused": dict(sorted(reasons.items())),
        }

    def refused_rows(self) -> list[tuple[int, str]]:
        """Return (row, reason) in the order of the file, sheets one after another."""
        before = [sum(self._rows[:sheet]) for sheet in range(len(self._rows))]
        return sorted((before[sheet] + row, reason) for sheet, row, reason in self._refused)


class Decisions:
    """What a screening must find among the accepted settlements of people with an accepted register row."""

    def __init__(self) -> None:
        self._by_reason: Counter[str] = Counter()
        self._residual_fen: Counter[str] = Counter()

    def record(self, reason: str, residual_fen: int) -> None:
        """Count one settlement."""
        self._by_reason[reason] += 1
        self._residual_fen[reason] += residual_fen

    def counts(self) -> dict[str, object]:
        """Return the number of decisions, by reason, and the residual in fen of the entitled ones."""
        return {
            "decisions": sum(self._by_reason.values()),
            "by_reason": dict(sorted(self._by_reason.items())),
            "entitled_residual_fen": self._residual_fen["entitled"],
        }


def read_files_of(directory: Path, city: dict[str, object]) -> list[tuple[str, str, str | None]] | None:
    """Return (name, kind, group) of the files of this very city, or None where they are not complete there.

    The truth is written when everything else is, so where it stands nothing is missing but what was removed.
    """
    path = directory / TRUTH
    if not path.exists():
        return None
    truth = json.loads(path.read_text(encoding="utf-8"))
    files = [(name, count["kind"], count["group"]) for name, count in truth["files"].items()]
    is_complete = truth["city"] == city and all((directory / name).exists() for name, _, _ in files)
    return files if is_complete else None


def write_truth(
    directory: Path, *, files: list[FileTruth], decisions: Decisions, city: dict[str, object]
) -> Path:
    """Write both truth files into ``directory`` and return the path of ``truth.json``; repeating is safe."""
    with (directory / "truth-refused.csv").open("w", encoding="utf-8", newline="") as output:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(("file", "row", "reason"))
        for file in files:
            writer.writerows((file.name, row, reason) for row, reason in file.refused_rows())
    content = {
        "city": city,
        "files": {file.name: file.counts() for file in files},
        "decisions": decisions.counts(),
    }
    path = directory / TRUTH
    draft = directory / f"{TRUTH}.new"
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.rename(path)
    return path
