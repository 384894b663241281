"""The made-up settlements: amounts that add up, reversals, and what is left to pay."""

from decimal import Decimal
from statistics import mean, median

import pytest
from tests.unit.synthetic.reading import data_rows, text_rows

from yiyuan.synthetic.city import CityFiles

PAYERS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay")
PARTS = ("inscp_scp_amt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
FAULTS_OF_AMOUNTS = ("amount", "total_mismatch")


def _yuan(row: dict[str, str], column: str) -> Decimal:
    return Decimal(row[column].replace(",", "") or "0")


@pytest.fixture(scope="module")
def rows(city: CityFiles) -> list[dict[str, str]]:
    return text_rows(city.of_kind("settlements")[0].path)


@pytest.fixture(scope="module")
def clean(city: CityFiles, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    name = city.of_kind("settlements")[0].path.name
    lines = (city.directory / "truth-refused.csv").read_text(encoding="utf-8").splitlines()
    refused = {int(line.split(",")[1]) for line in lines if line.startswith(name)}
    return [row for number, row in enumerate(rows, start=1) if number not in refused]


def test_the_total_is_the_sum_of_its_parts(clean: list[dict[str, str]]) -> None:
    for row in clean:
        assert _yuan(row, "medfee_sumamt") == sum(_yuan(row, part) for part in PARTS), row["setl_id"]


def test_a_reversal_names_a_row_and_takes_back_its_amounts(clean: list[dict[str, str]]) -> None:
    by_id = {row["setl_id"]: row for row in clean}
    reversals = [row for row in clean if row["init_setl_id"]]

    assert reversals
    for row in reversals:
        original = by_id[row["init_setl_id"]]
        assert _yuan(row, "medfee_sumamt") == -_yuan(original, "medfee_sumamt")
        assert row["setl_time"][:10] >= original["setl_time"][:10]
    assert all(_yuan(row, "medfee_sumamt") > 0 for row in clean if not row["init_setl_id"])


def test_stays_cost_about_eight_thousand_yuan(clean: list[dict[str, str]]) -> None:
    totals = [float(_yuan(row, "medfee_sumamt")) for row in clean if not row["init_setl_id"]]

    assert mean(totals) == pytest.approx(8_000, rel=0.12)


def test_hardship_people_are_left_with_a_small_share(city: CityFiles, clean: list[dict[str, str]]) -> None:
    poor = {str(row["证件号码"]) for row in data_rows(city.of_kind("hardship")[0])}
    shares, residuals = [], []
    for row in clean:
        if row["certno"] in poor and not row["init_setl_id"]:
            eligible = _yuan(row, "inscp_scp_amt")
            left = eligible - sum(_yuan(row, payer) for payer in PAYERS)
            shares.append(left / eligible)
            residuals.append(float(left))

    assert len(residuals) > 50
    assert Decimal("0.05") <= median(shares) <= Decimal("0.15")
    assert 300 <= median(residuals) <= 1_500


def test_stays_of_the_month_before_the_year_are_there(clean: list[dict[str, str]]) -> None:
    years = {row["begndate"][:4] for row in clean if row["begndate"].count("-") == 2}

    assert years == {"2018", "2019"}


def test_what_was_paid_already_was_settled_to_someone_in_a_register(
    city: CityFiles, clean: list[dict[str, str]]
) -> None:
    by_id = {row["setl_id"]: row for row in clean}

    claimed = [row["setl_id"] for row in text_rows(city.of_kind("claimed")[0].path)]

    assert claimed
    assert all(setl_id in by_id for setl_id in claimed)
    assert len(set(claimed)) == len(claimed)
