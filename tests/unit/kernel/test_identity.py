"""Identity numbers: the check of GB 11643, what a number says, and masking."""

from datetime import date

import pytest

from yiyuan.kernel import identity

# GB 11643's own worked example is 11010519491231002X.
STANDARD_EXAMPLE = "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("１１０１０５１９４９１２３１００２ｘ", STANDARD_EXAMPLE),
        (" 110105 19491231 002x ", STANDARD_EXAMPLE),
        ("'11010519491231002X", STANDARD_EXAMPLE),
        ('="11010519491231002X"', STANDARD_EXAMPLE),
        ("\u300011010519491231\u00a0002X\t", STANDARD_EXAMPLE),
        ("  ", ""),
    ],
)
def test_cleaning_leaves_half_width_capitals_without_blanks(written: str, cleaned: str) -> None:
    assert identity.clean_id_number(written) == cleaned
    assert identity.clean_id_number(cleaned) == cleaned


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (STANDARD_EXAMPLE, None),
        ("412825193410237354", None),  # An old county code is no fault.
        ("", "missing"),
        ("1101051949123100", "length"),
        ("110105491231002", "length"),
        ("11010519490231002X", "birth_date"),
        ("110105194913310027", "birth_date"),
        ("110105194912310021", "check_digit"),
        ("1101A519491231002X", "check_digit"),
        ("11010519491231002Ｘ", "check_digit"),
    ],
)
def test_the_first_fault_is_named(number: str, fault: str | None) -> None:
    assert identity.id_number_fault(number) == fault


def test_every_wrong_check_character_is_found() -> None:
    wrong = [c for c in "0123456789X" if identity.id_number_fault(STANDARD_EXAMPLE[:17] + c)]

    assert wrong == list("0123456789")


def test_a_changed_digit_is_found_in_every_place() -> None:
    for place in [*range(6), *range(14, 17)]:
        changed = str((int(STANDARD_EXAMPLE[place]) + 1) % 10)
        number = STANDARD_EXAMPLE[:place] + changed + STANDARD_EXAMPLE[place + 1 :]

        assert identity.id_number_fault(number) == "check_digit"


def test_a_number_says_birth_and_sex() -> None:
    assert identity.birth_on(STANDARD_EXAMPLE) == date(1949, 12, 31)
    assert identity.sex(STANDARD_EXAMPLE) == "2"
    assert identity.sex("412825193410237354") == "1"


def test_a_disability_card_is_taken_apart() -> None:
    card = identity.parse_disability_card("41172819830205142774B1")

    assert card == identity.DisabilityCard("411728198302051427", "7", "4", "B1")
    assert identity.parse_disability_card("411728198302051427") is None


def test_masks_hide_the_middle() -> None:
    assert identity.mask_value("411728198302051427") == "41**************27"
    assert identity.mask_value("NaN") == "NaN"
    assert identity.mask_id_number("4117") == "****"
    assert identity.mask_name("王小明") == "王**"
    assert identity.mask_name("欧阳小明") == "欧阳**"
    assert identity.mask_account("6228480000000001234") == "***************1234"
