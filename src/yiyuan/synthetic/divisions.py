"""Counties, townships and villages of the made-up city (行政区划).

In: the three CSV files of ``schemes/base/divisions``. Out: frozen counties in file order, each with its
villages.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

DIVISIONS_DIRECTORY = Path(__file__).resolve().parents[3] / "schemes" / "base" / "divisions"

# The development zone is no division of GB/T 2260: its residents' ids carry the prefix of the district
# around it.
ID_PREFIXES = {"411771": "411702"}
FORMER_ID_PREFIXES = {"411722": "412825"}


@dataclass(frozen=True, slots=True)
class Village:
    """A village or neighbourhood, with the township it belongs to."""

    code: str
    name: str
    township_code: str
    township_name: str
    is_rural: bool


@dataclass(frozen=True, slots=True)
class County:
    """A county of the city and its share of the people."""

    code: str
    name: str
    synthetic_population: int
    villages: tuple[Village, ...]

    @property
    def id_prefix(self) -> str:
        """The first six characters of the ids issued here."""
        return ID_PREFIXES.get(self.code, self.code)

    @property
    def former_id_prefix(self) -> str | None:
        """The prefix of ids issued before the county was renumbered, if it was."""
        return FORMER_ID_PREFIXES.get(self.code)

    @property
    def rural_share(self) -> float:
        """The share of the villages that are rural, 0 to 1."""
        return sum(village.is_rural for village in self.villages) / len(self.villages)


def load_counties(directory: Path = DIVISIONS_DIRECTORY) -> tuple[County, ...]:
    """Return the counties in the order of ``counties.csv``, each with its villages. Repeating is safe."""
    townships = {row["code"]: row["name"] for row in _read(directory / "townships.csv")}
    villages: dict[str, list[Village]] = {}
    for row in _read(directory / "villages.csv"):
        village = Village(
            code=row["code"],
            name=row["name"],
            township_code=row["township_code"],
            township_name=townships[row["township_code"]],
            is_rural=row["name"].endswith(("村民委员会", "村委会")),
        )
        villages.setdefault(village.code[:6], []).append(village)
    return tuple(
        County(
            code=row["code"],
            name=row["name"],
            synthetic_population=int(row["synthetic_population"]),
            villages=tuple(villages[row["code"]]),
        )
        for row in _read(directory / "counties.csv")
    )


def share_people(counties: tuple[County, ...], people: int) -> dict[str, int]:
    """Return how many of ``people`` live in each county, by code: in proportion, summing to ``people``."""
    total = sum(county.synthetic_population for county in counties)
    shares = {}
    before = 0
    for county in counties:
        after = before + county.synthetic_population
        shares[county.code] = people * after // total - people * before // total
        before = after
    return shares


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
