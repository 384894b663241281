"""Hospital stays of the made-up city and how insurance settled them (住院与结算).

In: a person, whether in hardship, and a seeded random source. Out: stays settled between one month before
the year and the business date; amounts are integer fen and add up: total = eligible + self-paid + over the
price cap + paid first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from random import Random

from yiyuan.kernel.period import completed_years
from yiyuan.synthetic import rates
from yiyuan.synthetic.diagnoses import Diagnosis, draw_listed, draw_other
from yiyuan.synthetic.people import CHILD_AGE_MAX, ELDER_AGE, Person

_LOG_MEDIAN_LISTED = log(rates.TOTAL_MEDIAN_YUAN_LISTED)
_LOG_MEDIAN_OTHERS = log(rates.TOTAL_MEDIAN_YUAN_OTHERS)
_TOTAL_YUAN_MAX = 400_000
_DAYS_MAX = 75
_DAYS_BEFORE_THE_YEAR = 31


@dataclass(slots=True)
class Amounts:
    """One settlement's amounts in fen."""

    total_fen: int
    self_paid_fen: int
    over_cap_fen: int
    paid_first_fen: int
    eligible_fen: int
    basic_fen: int
    serious_illness_fen: int
    medical_assistance_fen: int

    @property
    def residual_fen(self) -> int:
        """What no payer took of the eligible expense."""
        paid = self.basic_fen + self.serious_illness_fen + self.medical_assistance_fen
        return max(0, self.eligible_fen - paid)


@dataclass(slots=True)
class Stay:
    """One inpatient stay, settled."""

    person: Person
    admitted_on: date
    discharged_on: date
    settled_on: date
    diagnosis: Diagnosis
    hospital_code: str
    amounts: Amounts


class Wards:
    """Draws the stays of one county's people."""

    def __init__(self, *, county_code: str, on: date, random: Random) -> None:
        self._county_code = county_code
        self._random = random
        self._on = on
        self._first_day = date(on.year, 1, 1) - timedelta(days=_DAYS_BEFORE_THE_YEAR)
        self._days = (on - self._first_day).days + 1

    def stays(self, person: Person, *, in_hardship: bool) -> Iterator[Stay]:
        """Yield the settled stays of one person; one still open on the business date is not among them."""
        rate = _stays_a_year(person.age) * (rates.STAYS_HARDSHIP_FACTOR if in_hardship else 1.0)
        expected = rate * self._days / 365
        again = expected / (1 + expected)
        while self._random.random() < again:
            stay = self._stay(person, in_hardship=in_hardship)
            if stay is not None:
                yield stay

    def _stay(self, person: Person, *, in_hardship: bool) -> Stay | None:
        random = self._random
        admitted_on = self._first_day + timedelta(days=int(random.random() * self._days))
        days = 1 + int(random.expovariate(1 / (rates.MEAN_DAYS_OF_STAY - 0.5)))
        discharged_on = admitted_on + timedelta(days=min(days, _DAYS_MAX))
        late = 0 if random.random() < 0.9 else 1 + int(random.random() * 20)
        settled_on = discharged_on + timedelta(days=late)
        if admitted_on < person.birth_on or settled_on > self._on:
            return None
        age = completed_years(person.birth_on, admitted_on)
        listed_rate = rates.LISTED_DISEASE_HARDSHIP if in_hardship else rates.LISTED_DISEASE_OTHERS
        draw = draw_listed if random.random() < listed_rate else draw_other
        diagnosis = draw(random, age=age, is_female=person.is_female)
        return Stay(
            person=person,
            admitted_on=admitted_on,
            discharged_on=discharged_on,
            settled_on=settled_on,
            diagnosis=diagnosis,
            hospital_code=self._hospital(),
            amounts=self._amounts(is_listed=diagnosis.is_listed, in_hardship=in_hardship),
        )

    def _hospital(self) -> str:
        """H, the region and five digits; some people are treated in the provincial capital or elsewhere."""
        random = self._random
        region = self._county_code
        if random.random() < rates.OUT_OF_TOWN:
            region = ("410105", "410102", "411502", "420106", "310104")[int(random.random() * 5)]
        return f"H{region}{1 + int(random.random() * 60):05d}"

    def _amounts(self, *, is_listed: bool, in_hardship: bool) -> Amounts:
        random = self._random
        median = _LOG_MEDIAN_LISTED if is_listed else _LOG_MEDIAN_OTHERS
        yuan = min(exp(random.normalvariate(median, rates.TOTAL_SIGMA)), _TOTAL_YUAN_MAX)
        total = int(yuan * 100)
        self_paid = int(total * random.random() * 0.12)
        over_cap = int(total * random.random() * 0.05) if random.random() < 0.35 else 0
        paid_first = int(total * random.random() * 0.10)
        eligible = total - self_paid - over_cap - paid_first
        basic = int(eligible * (0.55 + random.random() * 0.20))
        serious, assistance = self._other_payers(eligible - basic, eligible, in_hardship=in_hardship)
        return Amounts(total, self_paid, over_cap, paid_first, eligible, basic, serious, assistance)

    def _other_payers(self, left: int, eligible: int, *, in_hardship: bool) -> tuple[int, int]:
        """What serious-illness insurance and medical assistance take; hardship people keep 3 to 18 %."""
        random = self._random
        if not in_hardship:
            return (int(left * random.random() * 0.3) if eligible > 1_500_000 else 0), 0
        share = 0.0 if random.random() < 0.03 else 0.03 + random.random() * 0.15
        payable = max(0, left - int(eligible * share))
        serious = int(payable * (0.15 + random.random() * 0.4))
        return serious, payable - serious


def _stays_a_year(age: int) -> float:
    if age <= CHILD_AGE_MAX:
        return rates.STAYS_A_YEAR_CHILD
    return rates.STAYS_A_YEAR_ELDER if age >= ELDER_AGE else rates.STAYS_A_YEAR_ADULT
