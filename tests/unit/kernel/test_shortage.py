"""Telling a full disk from other troubles, whatever wraps it."""

import errno

import pytest

from yiyuan.kernel.shortage import is_out_of_room


class ServerError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OSError(errno.EFBIG, "File too large"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (ServerError("53100"), True),
        (ServerError("53300"), False),
        (None, False),
    ],
)
def test_what_says_that_there_is_no_room(error: BaseException | None, is_full: bool) -> None:
    assert is_out_of_room(error) is is_full


def test_what_led_to_an_error_counts() -> None:
    def wrap() -> None:
        try:
            raise ServerError("53100")
        except ServerError as error:
            raise ValueError("wrapped") from error

    with pytest.raises(ValueError, match="wrapped") as caught:
        wrap()

    assert is_out_of_room(caught.value)
