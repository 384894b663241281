"""What a page reads once stays with this page, and with what was asked."""

from collections.abc import Callable

import pytest

from yiyuan.apps.readings import once_a_page, reading_one_page


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def read(asked: list[str]) -> Callable[..., int]:
    @once_a_page
    def count(name: str, *, of: str = "") -> int:
        asked.append(name + of)
        return len(asked)

    return count


def test_a_page_asks_once_for_the_same(asked: list[str], read: Callable[..., int]) -> None:
    with reading_one_page():
        answers = [read("a"), read("a"), read("b"), read("a", of="c"), read("a")]

    assert answers == [1, 1, 2, 3, 1]
    assert asked == ["a", "b", "ac"]


def test_nothing_is_kept_from_one_page_to_the_next(read: Callable[..., int]) -> None:
    with reading_one_page():
        first = read("a")
    with reading_one_page():
        second = read("a")

    assert (first, second) == (1, 2)


def test_outside_a_page_every_call_asks(read: Callable[..., int]) -> None:
    assert [read("a"), read("a")] == [1, 2]


def test_a_refused_reading_is_not_kept() -> None:
    asked = []

    @once_a_page
    def refuse() -> None:
        asked.append(1)
        raise LookupError

    with reading_one_page():
        for _ in range(2):
            with pytest.raises(LookupError):
                refuse()

    assert len(asked) == 2
