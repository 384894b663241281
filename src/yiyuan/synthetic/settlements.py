"""The medical insurance's settlement list and the list of what was paid already (住院结算明细、已赔付结算号).

In: stays with the register rows an importer accepted for the person. Out: two text files with the names of
the national interface 2304, and the tally of what an importer and a screening must make of each row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yiyuan.synthetic import dirt, rates
from yiyuan.synthetic.hardship import Membership
from yiyuan.synthetic.stays import Amounts, Stay
from yiyuan.synthetic.tables import DelimitedFile
from yiyuan.synthetic.truth import Decisions, FileTruth

COLUMNS = (
    "setl_id", "psn_no", "certno", "psn_name", "gend", "brdy", "insu_admdvs", "fixmedins_code", "begndate",
    "enddate", "setl_time", "dise_codg", "oth_dise_codg", "medfee_sumamt", "fulamt_ownpay_amt",
    "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay",
    "hifob_pay", "maf_pay", "oth_pay", "psn_cash_pay", "refd_setl_flag", "init_setl_id",
)  # fmt: skip
_PLACE = {name: index for index, name in enumerate(COLUMNS)}
_AMOUNT_PLACES = tuple(
    _PLACE[name]
    for name in (
        "medfee_sumamt",
        "fulamt_ownpay_amt",
        "preselfpay_amt",
        "inscp_scp_amt",
        "hifp_pay",
        "maf_pay",
    )
)

# Cumulative shares of the faults; a row carries one at most.
_FAULTS = (
    (0.0046, dirt.DATE),
    (0.0092, dirt.AMOUNT),
    (0.0108, dirt.CHECK_DIGIT),
    (0.0131, dirt.DISCHARGED_BEFORE_ADMISSION),
    (0.0161, dirt.TOTAL_MISMATCH),
)
_FAULTS_END = 0.0161
_COMMAS = 0.018
_ODD_IDS = 0.003
_ODD_DATE_ROWS = 0.01
# Money paid takes a few days to reach the list of what was paid.
_PAID_AFTER_DAYS = 5
# Over a year some are reversed within the month, others after the money has gone out.
_REVERSED_WITHIN_DAYS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A written settlement: its cells and why an importer must refuse it."""

    cells: list[str]
    fault: str | None


class SettlementList:
    """Writes both lists, one county's stays after another's."""

    def __init__(
        self,
        directory: Path,
        *,
        on: date,
        random: Random,
        name: str = "",
        first_number: int = 0,
        hand_on: Callable[[date, list[str]], None] | None = None,
    ) -> None:
        self._on = on
        self._random = random
        self._hand_on = hand_on
        name, claimed_name = name or f"演示_住院结算明细_{on.year}.csv", "演示_已赔付结算号.csv"
        self._file = DelimitedFile(directory / name, encoding="gb18030")
        self._file.write(COLUMNS)
        self._claimed = DelimitedFile(directory / claimed_name, encoding="utf-8-sig")
        self._claimed.write(("setl_id",))
        self.truth = FileTruth(name, "settlements", None)
        self.claimed_truth = FileTruth(claimed_name, "claimed", None)
        self.decisions = Decisions()
        self._number = first_number
        self._later: list[tuple[list[str], str | None]] = []

    def add(self, stay: Stay, county_code: str, accepted: list[Membership]) -> None:
        """Write one stay; what reverses or repeats it follows at the end of the county."""
        random = self._random
        setl_id = f"4117{self._number:010d}"
        row = self._row(stay, setl_id, county_code)
        self._number += 1
        self.truth.record(row.fault)
        self._file.write(row.cells)
        if row.fault is not None:
            return
        is_reversed = random.random() < rates.REVERSED
        if is_reversed:
            self._reverse(stay, row.cells)
        elif random.random() < dirt.DUPLICATE_IN_SETTLEMENTS:
            self._later.append((row.cells, dirt.DUPLICATE))
        if accepted:
            self._decide(stay, row.cells, accepted, is_reversed=is_reversed)

    def take(self, cells: list[str]) -> None:
        """Keep a row that belongs to this list, to be written at the end of the county."""
        self._later.append((cells, None))

    def end_county(self) -> None:
        """Write the reversals and repeated rows of the county."""
        for cells, fault in self._later:
            self.truth.record(fault)
            self._file.write(cells)
        self._later.clear()

    def close(self) -> None:
        """Finish both files."""
        self._file.close()
        self._claimed.close()

    def _decide(self, stay: Stay, cells: list[str], accepted: list[Membership], *, is_reversed: bool) -> None:
        if is_reversed:
            self.decisions.record("reversed", 0)
            self.decisions.record("reversed", 0)
            return
        has_diagnosis = bool(cells[_PLACE["dise_codg"]])
        reason = self._reason(stay, accepted, has_diagnosis=has_diagnosis)
        if reason == "entitled" and self._is_paid(stay):
            reason = "already_claimed"
            self.claimed_truth.record(None)
            self._claimed.write((cells[0],))
        self.decisions.record(reason, stay.amounts.residual_fen)

    def _reason(self, stay: Stay, accepted: list[Membership], *, has_diagnosis: bool) -> str:
        """The first reason that applies, in the order a screening asks."""
        diagnosis = stay.diagnosis
        if stay.admitted_on.year != self._on.year:
            return "outside_period"
        if not any(membership.holds_on(stay.admitted_on) for membership in accepted):
            return "no_group_on_date"
        if not has_diagnosis:
            return "missing_fact"
        if not diagnosis.is_listed:
            return "disease_not_listed"
        if diagnosis.needs_proof:
            return "needs_proof"
        return "entitled" if stay.amounts.residual_fen else "nothing_left_to_pay"

    def _is_paid(self, stay: Stay) -> bool:
        ripe = stay.settled_on <= self._on - timedelta(days=_PAID_AFTER_DAYS)
        return ripe and self._random.random() < rates.PAID_ALREADY

    def _row(self, stay: Stay, setl_id: str, county_code: str) -> Row:
        random = self._random
        person = stay.person
        at = f"{8 + int(random.random() * 10):02d}:{int(random.random() * 60):02d}:00"
        cells = [
            setl_id, f"{self._number:016d}", person.person_id, person.name, person.sex,
            person.birth_on.isoformat(), county_code, stay.hospital_code, stay.admitted_on.isoformat(),
            stay.discharged_on.isoformat(), f"{stay.settled_on.isoformat()} {at}",
            self._diagnosis_code(stay.diagnosis.code), self._other_codes(),
            *amount_cells(stay.amounts, 1), "0", "",
        ]  # fmt: skip
        chance = random.random()
        if chance < _FAULTS_END:
            fault = next(name for bound, name in _FAULTS if chance < bound)
            self._soil(cells, stay, fault)
            return Row(cells, fault)
        self._make_odd(cells, stay, chance)
        return Row(cells, None)

    def _diagnosis_code(self, code: str) -> str:
        """The code as hospitals type it; a few leave it out."""
        chance = self._random.random()
        if chance < rates.MISSING_DIAGNOSIS:
            return ""
        if chance < 0.15:
            return f"{code}x00{1 + int(self._random.random() * 5)}" if code[-3] != "x" else code
        if chance < 0.19:
            return code.lower()
        if chance < 0.22:
            return code.replace(".", "")
        return f" {code}" if chance < 0.23 else code

    def _other_codes(self) -> str:
        """Some hospitals add what else the patient has."""
        chance = self._random.random()
        return ("I10.x05", "E11.900", "I10.x05|E11.900")[int(chance * 20)] if chance < 0.15 else ""

    def _soil(self, cells: list[str], stay: Stay, fault: str) -> None:
        random = self._random
        if fault == dirt.DATE:
            place = ("begndate", "enddate", "setl_time", "brdy")[int(random.random() * 4)]
            wrong = (f"{stay.admitted_on.year}-02-30", f"{stay.admitted_on.year}-13-01", "不详")
            cells[_PLACE[place]] = wrong[int(random.random() * 3)]
        elif fault == dirt.AMOUNT:
            place_of_amount = _AMOUNT_PLACES[int(random.random() * len(_AMOUNT_PLACES))]
            right = cells[place_of_amount]
            cells[place_of_amount] = ("1.2.3", "—", "NaN", f"{right}5", "-88.00")[int(random.random() * 5)]
        elif fault == dirt.CHECK_DIGIT:
            cells[_PLACE["certno"]] = dirt.wrong_check_character(stay.person.person_id)
        elif fault == dirt.DISCHARGED_BEFORE_ADMISSION:
            early = stay.admitted_on - timedelta(days=3)
            cells[_PLACE["enddate"]] = early.isoformat()
        else:
            cells[_PLACE["medfee_sumamt"]] = dirt.yuan(stay.amounts.total_fen + 777)

    def _make_odd(self, cells: list[str], stay: Stay, chance: float) -> None:
        """Oddities that change no meaning: commas in amounts, blanks in an id, other forms of a date."""
        random = self._random
        if chance < _FAULTS_END + _COMMAS:
            cells[_PLACE["medfee_sumamt"]] = dirt.yuan_with_commas(stay.amounts.total_fen)
            cells[_PLACE["inscp_scp_amt"]] = dirt.yuan_with_commas(stay.amounts.eligible_fen)
        elif chance > 1 - _ODD_IDS:
            cells[_PLACE["certno"]] = dirt.odd_id(random, stay.person.person_id)
        elif chance > 1 - _ODD_IDS - _ODD_DATE_ROWS:
            form = ("slash", "compact", "chinese", "serial", "with_time")[int(random.random() * 5)]
            cells[_PLACE["begndate"]] = dirt.write_date(form, stay.admitted_on)
            cells[_PLACE["enddate"]] = dirt.write_date(form, stay.discharged_on)

    def _reverse(self, stay: Stay, cells: list[str]) -> None:
        if self._hand_on is None:
            days = int(self._random.random() * 10)
            self.take(_reversal(stay, cells, min(stay.settled_on + timedelta(days=days), self._on)))
            return
        reversed_on = stay.settled_on + timedelta(days=int(self._random.random() * _REVERSED_WITHIN_DAYS))
        self._hand_on(reversed_on, _reversal(stay, cells, reversed_on))


def _reversal(stay: Stay, cells: list[str], reversed_on: date) -> list[str]:
    """The row that cancels another: its amounts negative, the cancelled number in ``init_setl_id``."""
    again = list(cells)
    first, last = _PLACE["medfee_sumamt"], _PLACE["psn_cash_pay"]
    again[first : last + 1] = amount_cells(stay.amounts, -1)
    again[_PLACE["setl_id"]] = f"{cells[0]}R"
    again[_PLACE["setl_time"]] = f"{reversed_on.isoformat()} 17:45:00"
    again[_PLACE["refd_setl_flag"]] = "1"
    again[_PLACE["init_setl_id"]] = cells[0]
    return again


def amount_cells(amounts: Amounts, sign: int) -> list[str]:
    """Return the amount columns in order, yuan; payers that took no part are zero or left empty."""
    paid = amounts.basic_fen + amounts.serious_illness_fen + amounts.medical_assistance_fen
    yuan = dirt.yuan
    return [
        yuan(sign * amounts.total_fen),
        yuan(sign * amounts.self_paid_fen),
        yuan(sign * amounts.over_cap_fen),
        yuan(sign * amounts.paid_first_fen),
        yuan(sign * amounts.eligible_fen),
        yuan(sign * amounts.basic_fen),
        "0.00",
        "0.00",
        yuan(sign * amounts.serious_illness_fen),
        "0",
        yuan(sign * amounts.medical_assistance_fen),
        "",
        yuan(sign * (amounts.total_fen - paid)),
    ]
