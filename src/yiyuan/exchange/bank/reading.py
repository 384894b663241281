"""Reading a file of the bank (读银行回单), whatever its form: the profile says which."""

from collections.abc import Sequence

from yiyuan.exchange.bank.answers import ReturnLine, read_rows
from yiyuan.exchange.bank.camt054 import read_camt054
from yiyuan.exchange.bank.profile import BankProfile


def read_answers(content: bytes, profile: BankProfile) -> Sequence[ReturnLine]:
    """Return the lines of a file of answers, in its order.

    :raises UnreadableFile: the file cannot be read by this profile; the text says where and what fits.
    """
    read = read_camt054 if profile.answers.form == "camt.054" else read_rows
    return read(content, profile)
