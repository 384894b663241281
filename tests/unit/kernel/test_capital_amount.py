"""Capital numerals (大写金额) against sums written out by hand."""

import pytest

from yiyuan.kernel.capital_amount import capital_amount

BY_HAND = {
    0: "零元整",
    1: "壹分",
    5: "伍分",
    50: "伍角",
    55: "伍角伍分",
    100: "壹元整",
    105: "壹元零伍分",
    150: "壹元伍角",
    1_000: "壹拾元整",
    1_005: "壹拾元零伍分",
    10_100: "壹佰零壹元整",
    32_504: "叁佰贰拾伍元零肆分",
    80_000: "捌佰元整",
    100_100: "壹仟零壹元整",
    101_000: "壹仟零壹拾元整",
    140_950: "壹仟肆佰零玖元伍角",
    168_032: "壹仟陆佰捌拾元叁角贰分",
    600_714: "陆仟零柒元壹角肆分",
    1_000_000: "壹万元整",
    1_000_100: "壹万零壹元整",
    1_050_000: "壹万零伍佰元整",
    1_500_000: "壹万伍仟元整",
    1_640_902: "壹万陆仟肆佰零玖元零贰分",
    10_700_053: "壹拾万柒仟元伍角叁分",
    80_171_000: "捌拾万壹仟柒佰壹拾元整",
    801_710_000: "捌佰零壹万柒仟壹佰元整",
    1_000_000_000: "壹仟万元整",
    10_000_000_000: "壹亿元整",
    10_000_000_500: "壹亿零伍元整",
    10_001_000_000: "壹亿零壹万元整",
    10_100_000_000: "壹亿零壹佰万元整",
    100_000_000_000: "壹拾亿元整",
    123_456_789_012: "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分",
}


@pytest.mark.parametrize(("fen", "words"), BY_HAND.items())
def test_sums_are_written_as_by_hand(fen: int, words: str) -> None:
    assert capital_amount(fen) == f"人民币{words}"


def test_a_sum_below_zero_says_so() -> None:
    assert capital_amount(-80_000) == "人民币负捌佰元整"


def test_a_sum_without_names_for_its_places_is_refused() -> None:
    with pytest.raises(ValueError, match="太大"):
        capital_amount(10**18)


def test_every_sum_has_words_of_its_own() -> None:
    sums = [*range(0, 20_000, 7), *range(1_000_000, 100_000_000, 99_991)]

    assert len({capital_amount(fen) for fen in sums}) == len(sums)
