"""Whose rows a person may see (数据范围): the whole city, or some counties; nobody sees anything by default.

In: county codes. Out: a frozen value that queries filter by, and the text PostgreSQL compares rows with.
"""

from dataclasses import dataclass

# What the database setting says for the whole city; no county has such a code.
WHOLE_CITY = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """The counties somebody works for; `is_city` stands for all of them, and for rows of no county."""

    counties: frozenset[str] = frozenset()
    is_city: bool = False

    def covers(self, county_code: str) -> bool:
        """Tell whether a row of this county may be seen and changed."""
        return self.is_city or (bool(county_code) and county_code in self.counties)

    @property
    def setting(self) -> str:
        """Return the scope as the database's setting says it; empty means nothing."""
        return WHOLE_CITY if self.is_city else ",".join(sorted(self.counties))


EVERYWHERE = Scope(is_city=True)
NOWHERE = Scope()
