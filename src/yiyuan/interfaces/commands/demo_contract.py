"""The contract of the made-up city (演示城市的合同): its premium is one yuan for each of its people.

In: how many people there are and the day it is. Out: tender, agreement, bond, premium and reports, made by
the services people use. What the insurer had to deliver last is left missing, for whoever signs in.
"""

from datetime import date, timedelta

from yiyuan.interfaces.commands.published_contract import (
    YEAR_FROM,
    collect_premium,
    report_month,
    sign_contract,
)
from yiyuan.kernel.money import FEN_PER_YUAN
from yiyuan.runtime.progress import Progress

REPORTED_ON_DAY = 8


def hold_contract(people: int, business_on: date, progress: Progress) -> None:
    """Make the contract's file of the year; repeating it goes on where it stopped."""
    with progress.step("招标、签协议、收保证金、收保费", unit="元") as step:
        contract = sign_contract(people * FEN_PER_YUAN)
        collect_premium(people * FEN_PER_YUAN, outside=())
        month, last = YEAR_FROM, (business_on.replace(day=1) - timedelta(days=1)).replace(day=1)
        while month < last and month.year == YEAR_FROM.year:
            following = (month + timedelta(days=31)).replace(day=1)
            report_month(contract, month, following.replace(day=REPORTED_ON_DAY))
            month = following
        step.note = f"{people:,} 人，一人一元"
