"""What people of the made-up city go to hospital for (诊断).

In: age in completed years, sex and a seeded random source. Out: a diagnosis code of the national list with
what the demonstration expects of it. The weights are made up; which codes count is the scheme's business,
and a test holds the expectation written here against the scheme.
"""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from yiyuan.synthetic.people import CHILD_AGE_MAX


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A principal diagnosis: its code, and whether the disease is listed and can be told by the code."""

    code: str
    is_listed: bool
    needs_proof: bool = False


@dataclass(frozen=True, slots=True)
class _Mix:
    diagnoses: tuple[Diagnosis, ...]
    bounds: tuple[int, ...]

    def draw(self, random: Random) -> Diagnosis:
        return random.choices(self.diagnoses, cum_weights=self.bounds)[0]


def _mix(weights: dict[str, int], *, is_listed: bool, needs_proof: frozenset[str] = frozenset()) -> _Mix:
    return _Mix(
        diagnoses=tuple(Diagnosis(code, is_listed, code in needs_proof) for code in weights),
        bounds=tuple(accumulate(weights.values())),
    )


_LISTED_ADULT = {
    "I63.900": 150, "I61.900": 40, "I60.900": 10, "I21.900": 60, "J44.900": 80, "J44.100": 40, "J43.900": 10,
    "N18.500": 70, "N18.000": 20, "C15.900": 60, "C16.900": 60, "C34.900": 70, "C22.900": 40, "C18.900": 30,
    "C20.x00": 25, "C67.900": 12, "C64.x00": 8, "H25.900": 80, "H26.900": 20, "F20.900": 40, "F31.900": 12,
    "I05.900": 12, "I08.000": 8, "C92.100": 5, "E10.900": 12, "E05.900": 25, "J60.x00": 5, "J62.800": 5,
    "B20.900": 3, "D56.100": 2,
}  # fmt: skip
_LISTED_WOMEN = {"C50.900": 80, "C53.900": 50, "C56.x00": 25}
_LISTED_CHILD = {
    "C91.000": 30, "C92.400": 10, "Q21.000": 30, "Q21.100": 25, "Q25.000": 15, "Q22.100": 8, "C83.300": 6,
    "C85.900": 6, "Q37.900": 12, "Q35.900": 8, "E10.900": 12, "E05.900": 5, "D56.100": 6,
}  # fmt: skip
_LISTED_BOYS = {"Q54.900": 24, "D66.x00": 12}
# These codes name the place of a tumour or an infection, not its kind: a paper must show the rest.
_PROOF_ADULT = {"A15.000": 30, "A16.200": 15, "C74.900": 2, "C40.200": 4, "C41.900": 4}
_PROOF_CHILD = {"C74.900": 4, "C40.200": 6}
# Near misses stand among them on purpose: too old for a children's disease, a carrier, a late effect,
# a milder stage.
_OTHER_ADULT = {
    "J18.900": 90, "I10.x05": 70, "E11.900": 70, "I25.103": 80, "K29.500": 40, "M51.202": 60, "I69.300": 40,
    "K80.100": 40, "N20.000": 30, "S72.000": 30, "S82.201": 25, "K35.800": 25, "G45.900": 30, "M17.900": 25,
    "J20.900": 30, "N18.900": 12, "C91.000": 4, "C83.300": 6, "Q21.100": 4, "D56.300": 3, "C73.x00": 12,
    "Z51.100": 25, "H81.100": 10,
}  # fmt: skip
_OTHER_MOTHERS = {"O80.900": 60, "O82.000": 50, "O34.201": 20, "D25.900": 20, "J18.900": 15}
_OTHER_CHILD = {
    "J18.000": 120, "J06.900": 60, "J20.900": 50, "A08.000": 30, "B08.400": 20, "K40.900": 20, "J35.000": 25,
    "R56.000": 15, "S42.400": 12, "P59.900": 10, "K35.800": 12, "D56.300": 2,
}  # fmt: skip

_MIX_LISTED_MEN = _mix(_LISTED_ADULT | _PROOF_ADULT, is_listed=True, needs_proof=frozenset(_PROOF_ADULT))
_MIX_LISTED_WOMEN = _mix(
    _LISTED_ADULT | _LISTED_WOMEN | _PROOF_ADULT, is_listed=True, needs_proof=frozenset(_PROOF_ADULT)
)
_MIX_LISTED_GIRLS = _mix(_LISTED_CHILD | _PROOF_CHILD, is_listed=True, needs_proof=frozenset(_PROOF_CHILD))
_MIX_LISTED_BOYS = _mix(
    _LISTED_CHILD | _LISTED_BOYS | _PROOF_CHILD, is_listed=True, needs_proof=frozenset(_PROOF_CHILD)
)
_MIX_OTHER_ADULT = _mix(_OTHER_ADULT, is_listed=False)
_MIX_OTHER_MOTHERS = _mix(_OTHER_ADULT | _OTHER_MOTHERS, is_listed=False)
_MIX_OTHER_CHILD = _mix(_OTHER_CHILD, is_listed=False)

_CHILDBEARING_AGES = range(20, 43)


def draw_listed(random: Random, *, age: int, is_female: bool) -> Diagnosis:
    """Return a diagnosis of a listed disease, or of one the code alone cannot tell."""
    if age <= CHILD_AGE_MAX:
        return (_MIX_LISTED_GIRLS if is_female else _MIX_LISTED_BOYS).draw(random)
    return (_MIX_LISTED_WOMEN if is_female else _MIX_LISTED_MEN).draw(random)


def draw_other(random: Random, *, age: int, is_female: bool) -> Diagnosis:
    """Return a diagnosis of a disease that is not listed for this age and sex."""
    if age <= CHILD_AGE_MAX:
        return _MIX_OTHER_CHILD.draw(random)
    if is_female and age in _CHILDBEARING_AGES:
        return _MIX_OTHER_MOTHERS.draw(random)
    return _MIX_OTHER_ADULT.draw(random)
