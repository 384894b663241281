"""Sums in capital numerals (大写金额), as papers about money carry them beside the digits.

In: integer fen. Out: text such as 人民币捌佰元整. 整 closes a sum without fen and jiao only. 零 stands
where zeros lie between digits: inside four places, before four places that begin with a zero, and before fen
without jiao. Where custom leaves 零 free (after a unit that ends in zeros), it is left out.
"""

from yiyuan.kernel.money import FEN_PER_YUAN

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("仟", "佰", "拾", "")
GROUPS = ("", "万", "亿", "万亿")
GROUP = 10_000


def capital_amount(amount_fen: int) -> str:
    """Return fen in capital numerals with the currency before them; a sum below 0 says 负.

    :raises ValueError: the sum has more places than there are names for.
    """
    yuan, fen = divmod(abs(amount_fen), FEN_PER_YUAN)
    if yuan >= GROUP ** len(GROUPS):
        raise ValueError(f"金额 {amount_fen} 分太大，写不成大写")
    sign = "负" if amount_fen < 0 else ""
    return f"人民币{sign}{_whole(yuan)}{_rest(yuan, fen)}"


def _whole(yuan: int) -> str:
    groups: list[int] = []
    while yuan:
        yuan, group = divmod(yuan, GROUP)
        groups.append(group)
    text, skipped = "", False
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            skipped = True
            continue
        needs_zero = text and (skipped or group < GROUP // 10)
        text += f"{DIGITS[0] if needs_zero else ''}{_four(group)}{GROUPS[place]}"
        skipped = False
    return f"{text}元" if text else ""


def _four(group: int) -> str:
    """Return up to four places; a zero before the first digit is the caller's to write."""
    text, skipped = "", False
    for digit, name in zip(f"{group:04d}", PLACES, strict=True):
        if digit == "0":
            skipped = True
            continue
        text += f"{DIGITS[0] if text and skipped else ''}{DIGITS[int(digit)]}{name}"
        skipped = False
    return text


def _rest(yuan: int, fen: int) -> str:
    jiao, fen = divmod(fen, 10)
    if not jiao and not fen:
        return "整" if yuan else "零元整"
    words = f"{DIGITS[jiao]}角" if jiao else (DIGITS[0] if yuan else "")
    return f"{words}{DIGITS[fen]}分" if fen else words
