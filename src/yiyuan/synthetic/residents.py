"""The police register, bank accounts and head counts of the made-up city (户籍人口、账户、参保人数).

In: households, county by county. Out: a CSV of residents a county, one CSV of accounts, and one workbook of
head counts.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yiyuan.synthetic import dirt, rates
from yiyuan.synthetic.divisions import County
from yiyuan.synthetic.people import ADULT_AGE, Household, Person
from yiyuan.synthetic.registers import INVENTED
from yiyuan.synthetic.tables import Cell, DelimitedFile, Workbook
from yiyuan.synthetic.truth import FileTruth

RESIDENT_COLUMNS = (
    "姓名", "公民身份号码", "性别", "出生日期", "县区代码", "乡镇代码", "村(社区)代码", "户号", "与户主关系",
    "登记日期", "注销日期",
)  # fmt: skip
ACCOUNT_COLUMNS = ("身份证号", "开户银行", "银行账号", "户名", "账户类型", "被监护人身份证号")
HEAD_COUNT_COLUMNS = ("县区代码", "县区", "统计日期", "户籍人口数", "户数", "数据来源")

_BANKS = ("农村商业银行", "邮政储蓄银行", "农业银行", "中原银行")
_SOILED_RESIDENTS = 0.04


class ResidentList:
    """Writes one county's residents."""

    def __init__(self, directory: Path, county: County, *, on: date, random: Random) -> None:
        name = f"演示_户籍人口_{county.code}_{county.name}.csv"
        self._file = DelimitedFile(directory / name, encoding="gb18030")
        self._file.write(RESIDENT_COLUMNS)
        self._county = county
        self._on = on
        self._random = random
        self.truth = FileTruth(name, "residents", None)

    def add(self, household: Household, person: Person, *, may_leave: bool) -> None:
        """Write one resident; ``may_leave`` says that nothing else is known of the person in the year."""
        random = self._random
        text, fault = person.person_id, None
        if random.random() < _SOILED_RESIDENTS:
            written = dirt.soil_id(random, person.person_id)
            text, fault = written.text, written.fault
        left_on = ""
        if may_leave and person.birth_on.year < self._on.year and random.random() < rates.LEFT_THE_CITY:
            days = (self._on - date(self._on.year, 1, 1)).days
            left_on = (self._on - timedelta(days=int(random.random() * days))).isoformat()
        self.truth.record(fault)
        self._file.write(
            (
                person.name,
                text,
                "女" if person.is_female else "男",
                person.birth_on.isoformat(),
                self._county.code,
                household.village.township_code,
                household.village.code,
                household.number,
                person.relation,
                person.birth_on.isoformat(),
                left_on,
            )
        )

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class AccountList:
    """Writes the accounts of people in hardship: their own, or their guardian's where they are minors."""

    def __init__(self, directory: Path, *, random: Random) -> None:
        name = "演示_惠农一卡通账户.csv"
        self._file = DelimitedFile(directory / name, encoding="utf-8-sig")
        self._file.write(ACCOUNT_COLUMNS)
        self._random = random
        self._number = 0
        self.truth = FileTruth(name, "accounts", None)

    def add_household(self, household: Household, in_hardship: Sequence[Person]) -> None:
        """Write the accounts through which the household's members in hardship are paid."""
        random = self._random
        numbers: dict[str, tuple[str, str]] = {}
        for person in in_hardship:
            owner = person if person.age >= ADULT_AGE else _guardian(household)
            if owner is None or random.random() >= rates.SOCIAL_CARD:
                continue
            account = numbers.setdefault(owner.person_id, (self._bank(), self._account_number()))
            guarded = "" if owner is person else person.person_id
            self._write(owner, account, "社保卡", guarded)
            if not guarded and random.random() < rates.BANK_CARD_TOO:
                self._write(owner, (self._bank(), self._account_number()), "银行卡", "")

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def _write(self, owner: Person, account: tuple[str, str], kind: str, guarded: str) -> None:
        random = self._random
        holder = owner.name
        if random.random() < rates.HOLDER_NAME_DIFFERS:
            # A name changed since the account was opened, or was written with another character.
            holder = f"{owner.name[:-1]}玲" if owner.name[-1] != "玲" else f"{owner.name[:-1]}灵"
        person_id = owner.person_id
        if random.random() < 0.01:
            person_id = dirt.odd_id(random, person_id)
        self.truth.record(None)
        self._file.write((person_id, *account, holder, kind, guarded))

    def _bank(self) -> str:
        return _BANKS[int(self._random.random() * len(_BANKS))]

    def _account_number(self) -> str:
        """19 digits with a valid check digit; no bank issues numbers that begin 620000."""
        self._number += 1
        first_18 = f"620000{self._number * 7919 % 10**12:012d}"
        return first_18 + luhn_digit(first_18)


class HeadCount:
    """Counts people and households by county as the premium needs them, and writes the workbook."""

    def __init__(self, directory: Path, *, on: date) -> None:
        self._path = directory / "演示_参保人数登记表.xlsx"
        self._on = date(on.year, 1, 1)
        self._rows: list[tuple[County, int, int]] = []
        self.truth = FileTruth(self._path.name, "headcount", None)

    def add_county(self, county: County, *, persons: int, households: int) -> None:
        """Keep one county's figures."""
        self._rows.append((county, persons, households))

    def close(self) -> None:
        """Write the workbook."""
        workbook = Workbook(self._path, ("参保人数",))
        sheet = workbook.sheets[0]
        sheet.write_title(f"驻马店市{self._on.year}年一元民生参保人数登记表", width=len(HEAD_COUNT_COLUMNS))
        sheet.write_title(INVENTED, width=len(HEAD_COUNT_COLUMNS))
        sheet.write(HEAD_COUNT_COLUMNS)
        for county, persons, households in self._rows:
            row: list[Cell] = [
                county.code,
                county.name,
                self._on.isoformat(),
                persons,
                households,
                "户籍统计（演示）",
            ]
            sheet.write(row)
            self.truth.record(None)
        persons = sum(row[1] for row in self._rows)
        households = sum(row[2] for row in self._rows)
        sheet.write(["合计", "", "", persons, households])
        workbook.close()


def luhn_digit(digits: str) -> str:
    """Return the check digit that makes ``digits`` a valid card number."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    plain = sum(int(digit) for digit in digits[-2::-2])
    return str(-(doubled + plain) % 10)


def _guardian(household: Household) -> Person | None:
    return next((member for member in household.members if member.age >= ADULT_AGE), None)
