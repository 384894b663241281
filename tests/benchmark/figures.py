"""Figures of a benchmark (测得的数): one line of a table, for people and for programs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, what it should be, and what it was compared with."""

    metric: str
    value: float
    unit: str
    target: str | float | None
    met: bool
    runs: int
    baseline: str
