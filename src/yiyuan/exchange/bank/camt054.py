"""The bank's answers as an ISO 20022 debit and credit notification (camt.054.001.08).

In: the document. Out: a line a transaction. A debit that is booked is a payment that went through; a credit
that carries return information (`RtrInf`) came back. The end-to-end reference is the order number.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from xml.etree import ElementTree as Xml

from yiyuan.exchange.bank.answers import REASON_CODE_MAX, REASON_MAX, ReturnLine
from yiyuan.exchange.bank.profile import BankProfile
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.kernel.money import AMOUNT_FEN_MAX, read_yuan, yuan

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
CURRENCY = "CNY"


def read_camt054(content: bytes, profile: BankProfile) -> Sequence[ReturnLine]:
    """Return the transactions of the document.

    :raises UnreadableFile: it is no such document, or a transaction lacks or contradicts what it must say.
    """
    reasons = profile.answers.reasons or {}
    lines: list[ReturnLine] = []
    for notification in _root(content).iterfind("BkToCstmrDbtCdtNtfctn/Ntfctn"):
        own = [
            line
            for entry in notification.iterfind("Ntry")
            for line in _transactions(entry, reasons, len(lines))
        ]
        _require_sum(notification)
        lines += own
    numbered = [_numbered(line, row) for row, line in enumerate(lines, start=1)]
    if not numbered:
        raise UnreadableFile("文件里没有一笔交易（Ntry）；应是 camt.054.001.08 的到账和退回通知")
    return numbered


def _root(content: bytes) -> Xml.Element:
    # A notification needs no entities; what declares some wants to be something else.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise UnreadableFile("文件里有 DOCTYPE 或 ENTITY，camt.054 不用这些；没有读")
    try:
        root = Xml.fromstring(content)  # noqa: S314 - without entities there is nothing to expand
    except (Xml.ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(f"不是完整的 XML（{error}）；请向银行要一份完整的 camt.054.001.08") from error
    if root.tag != f"{{{NAMESPACE}}}Document":
        raise UnreadableFile(f"应是 {NAMESPACE} 的 Document，现在是 {root.tag[:80]}")
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    return root


def _transactions(entry: Xml.Element, reasons: Mapping[str, str], before: int) -> Iterator[ReturnLine]:
    if (status := _text(entry, "Sts/Cd")) != "BOOK":
        raise UnreadableFile(f"第 {before + 1} 笔起：状态应是 BOOK（已记账），现在是“{status}”")
    details = entry.findall("NtryDtls/TxDtls")
    if not details:
        raise UnreadableFile(f"第 {before + 1} 笔起：没有明细（TxDtls），不知道是哪一笔指令")
    on, indicator = _day(entry), _text(entry, "CdtDbtInd")
    whole = len(details) == 1
    summed = 0
    for one in details:
        amount = one.find("Amt") if one.find("Amt") is not None else entry.find("Amt") if whole else None
        fen = _fen(amount)
        summed += fen
        said = _text(one, "CdtDbtInd") or indicator
        code = _text(one, "RtrInf/Rsn/Cd") or _text(one, "RtrInf/Rsn/Prtry")
        if said not in ("DBIT", "CRDT") or (said == "DBIT" and code):
            raise UnreadableFile(f"{_text(one, 'Refs/EndToEndId')}：付出应是 DBIT，退回应是 CRDT 加 RtrInf")
        yield ReturnLine(
            row=0,
            order_no=_text(one, "Refs/EndToEndId")[:60],
            is_paid=said == "DBIT",
            on=on,
            amount_fen=fen,
            reason_code=code[:REASON_CODE_MAX],
            reason=(_text(one, "RtrInf/AddtlInf") or reasons.get(code, ""))[:REASON_MAX],
        )
    if summed != (booked := _fen(entry.find("Amt"))):
        raise UnreadableFile(f"一笔入账写的是 {yuan(booked)}，明细加起来是 {yuan(summed)}；整份文件没有入账")


def _numbered(line: ReturnLine, row: int) -> ReturnLine:
    return ReturnLine(
        row, line.order_no, line.is_paid, line.on, line.amount_fen, line.reason_code, line.reason
    )


def _require_sum(notification: Xml.Element) -> None:
    said = notification.find("TxsSummry/TtlNtries/Sum")
    if said is None:
        return
    summed = sum(_fen(entry.find("Amt")) for entry in notification.iterfind("Ntry"))
    if (told := _yuan(said.text or "")) != summed:
        raise UnreadableFile(f"合计写的是 {yuan(told)}，各笔加起来是 {yuan(summed)}；整份文件没有入账")


def _day(entry: Xml.Element) -> date:
    text = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")
    try:
        return datetime.fromisoformat(text).date()
    except ValueError as error:
        raise UnreadableFile(f"记账日期（BookgDt）应像 2019-11-21，现在是“{text[:40]}”") from error


def _fen(amount: Xml.Element | None) -> int:
    if amount is None:
        raise UnreadableFile("一笔交易没有金额（Amt）")
    if amount.get("Ccy", CURRENCY) != CURRENCY:
        raise UnreadableFile(f"金额应是人民币（CNY），现在是 {amount.get('Ccy')}")
    return _yuan(amount.text or "")


def _yuan(text: str) -> int:
    try:
        fen = read_yuan(text)
    except ValueError as error:
        raise UnreadableFile(f"金额读不懂，应像 800.00，现在是“{text[:40]}”") from error
    if not 0 < fen <= AMOUNT_FEN_MAX:
        raise UnreadableFile(f"金额应大于 0，不超过 {yuan(AMOUNT_FEN_MAX)} 元")
    return fen


def _text(parent: Xml.Element, path: str) -> str:
    return " ".join((parent.findtext(path) or "").split())
