"""A batch as an ISO 20022 credit transfer initiation (pain.001.001.09): one payment block, one line an order.

In: a batch and whose account pays. Out: the document in UTF-8, the same bytes at every rebuild. The order's
number is the end-to-end reference, by which the bank's notification is matched.
"""

from xml.etree import ElementTree as Xml

from yiyuan.exchange.bank.profile import OutForm
from yiyuan.exchange.bank.sending import OrderLine, Sending
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.kernel.money import yuan

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CURRENCY = "CNY"
NAME_MAX, ACCOUNT_MAX, REFERENCE_MAX = 140, 34, 35


def build_pain001(sending: Sending, out: OutForm) -> bytes:
    """Return the document.

    :raises UnreadableFile: an order does not fit; the text names it.
    """
    assert out.payer is not None, "the profile was read with its payer"
    document = Xml.Element("Document", xmlns=NAMESPACE)
    root = Xml.SubElement(document, "CstmrCdtTrfInitn")
    reference = f"YIYUAN-{sending.made_on:%Y%m%d}-{sending.batch:06d}"
    header = Xml.SubElement(root, "GrpHdr")
    _put(header, "MsgId", reference)
    _put(header, "CreDtTm", f"{sending.made_on.isoformat()}T00:00:00")
    _totals(header, sending)
    _put(header, "InitgPty/Nm", out.payer.name)
    block = Xml.SubElement(root, "PmtInf")
    _put(block, "PmtInfId", reference)
    _put(block, "PmtMtd", "TRF")
    _totals(block, sending)
    _put(block, "ReqdExctnDt/Dt", sending.made_on.isoformat())
    _put(block, "Dbtr/Nm", out.payer.name)
    _put(block, "DbtrAcct/Id/Othr/Id", out.payer.account_no)
    _put(block, "DbtrAgt/FinInstnId/ClrSysMmbId/MmbId", out.payer.bank_code)
    for line in sending.lines:
        _transfer(block, line, out.purpose)
    Xml.indent(document)
    text: str = Xml.tostring(document, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _totals(parent: Xml.Element, sending: Sending) -> None:
    _put(parent, "NbOfTxs", str(len(sending.lines)))
    _put(parent, "CtrlSum", yuan(sending.total_fen).replace(",", ""))


def _transfer(block: Xml.Element, line: OrderLine, purpose: str) -> None:
    for text, most in (
        (line.holder_name, NAME_MAX),
        (line.account_no, ACCOUNT_MAX),
        (line.bank_name, NAME_MAX),
    ):
        if not text or len(text) > most or not text.isprintable():
            raise UnreadableFile(f"{line.order_no}：“{text}”不合 pain.001 的要求（1 到 {most} 个可见字符）")
    transfer = Xml.SubElement(block, "CdtTrfTxInf")
    _put(transfer, "PmtId/EndToEndId", line.order_no[:REFERENCE_MAX])
    _put(transfer, "Amt/InstdAmt", yuan(line.amount_fen).replace(",", "")).set("Ccy", CURRENCY)
    _put(transfer, "CdtrAgt/FinInstnId/Nm", line.bank_name)
    _put(transfer, "Cdtr/Nm", line.holder_name)
    _put(transfer, "CdtrAcct/Id/Othr/Id", line.account_no)
    _put(transfer, "RmtInf/Ustrd", purpose)


def _put(parent: Xml.Element, path: str, text: str) -> Xml.Element:
    *steps, last = path.split("/")
    for step in steps:
        parent = Xml.SubElement(parent, step)
    element = Xml.SubElement(parent, last)
    element.text = text
    return element
