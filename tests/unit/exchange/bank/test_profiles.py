"""A bank's profile (银行格式): read strictly, and files made and read by it, in every form."""

import csv
import io
from datetime import date
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from yiyuan.exchange.bank.loading import list_profiles, load_profile, read_profile
from yiyuan.exchange.bank.pain001 import NAMESPACE
from yiyuan.exchange.bank.profile import BankProfile, date_text, is_date_form
from yiyuan.exchange.bank.reading import read_answers
from yiyuan.exchange.bank.sending import OrderLine, Sending
from yiyuan.exchange.bank.writing import build_files
from yiyuan.exchange.errors import UnreadableFile

BANKS = Path(__file__).parents[4] / "banks"
EXAMPLES = BANKS / "examples"
SENDING = Sending(
    7,
    date(2019, 11, 20),
    [
        OrderLine("Y20191120-0007-00001", "=马秀兰", "6228450700000013317", "农商银行", 80_000),
        OrderLine("Y20191120-0007-00002", "李四", "6228450700000029902", "+信用社", 41_265),
    ],
)
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>N1</MsgId><CreDtTm>2019-11-21T18:00:00</CreDtTm></GrpHdr>
<Ntfctn><Id>1</Id><TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>1212.65</Sum></TtlNtries></TxsSummry>
<Ntry><Amt Ccy="CNY">800.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2019-11-21</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>Y-1</EndToEndId></Refs></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">412.65</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2019-11-22</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>Y-2</EndToEndId></Refs>
<RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"""


def profile(name: str, folder: Path = EXAMPLES) -> BankProfile:
    return load_profile(folder, name)[0]


def test_the_general_files_are_the_bytes_they_have_always_been() -> None:
    files = build_files(SENDING, profile("general", BANKS))

    # As the files were before there were profiles: header, quote before a formula, count and sum, BOM.
    assert files["csv"].decode("utf-8-sig") == (
        "指令号,户名,账号,开户行,金额(元),用途\r\n"
        "Y20191120-0007-00001,'=马秀兰,6228450700000013317,农商银行,800.00,一元民生救助保险赔款\r\n"
        "Y20191120-0007-00002,李四,6228450700000029902,'+信用社,412.65,一元民生救助保险赔款\r\n"
        "合计,2 笔,,,1212.65,\r\n"
    )
    assert files["csv"].startswith(b"\xef\xbb\xbf")
    assert sha256(files["xlsx"]).hexdigest() == XLSX_BEFORE_PROFILES


XLSX_BEFORE_PROFILES = "6956ed25b912a6e453c41f25762938cf0e59873e3837454a9292460d86da8388"


@pytest.mark.parametrize(
    ("folder", "name"), [(BANKS, "general"), (EXAMPLES, "fixed-width"), (EXAMPLES, "iso20022")]
)
def test_files_rebuilt_a_hundred_times_are_the_same_bytes(folder: Path, name: str) -> None:
    made = profile(name, folder)
    first = build_files(SENDING, made)

    assert first
    assert all(build_files(SENDING, made) == first for _ in range(100))


def test_fixed_width_counts_bytes_as_the_bank_does() -> None:
    lines = build_files(SENDING, profile("fixed-width"))["txt"].split(b"\r\n")

    assert lines[0] == b"H20191120" + b"00000002" + b"0000000000121265"
    assert {len(line) for line in lines[1:3]} == {1 + 30 + 32 + 80 + 100 + 14}
    assert lines[1][63:143].decode("gbk").rstrip() == "=马秀兰"
    assert lines[2].endswith(b"00000000041265")


def test_what_does_not_fit_is_refused_by_the_number_of_its_order() -> None:
    long = Sending(1, date(2019, 11, 20), [OrderLine("Y-1", "长" * 41, "1", "行", 1)])
    rare = Sending(1, date(2019, 11, 20), [OrderLine("Y-1", "\U00020000", "1", "行", 1)])

    with pytest.raises(UnreadableFile, match=r"Y-1 的holder_name.*占 82，栏宽只有 80"):
        build_files(long, profile("fixed-width"))
    with pytest.raises(UnreadableFile, match="gb18030"):
        build_files(rare, profile("fixed-width"))
    with pytest.raises(UnreadableFile, match="pain"):
        build_files(Sending(1, date(2019, 11, 20), [OrderLine("Y-1", "", "1", "行", 1)]), profile("iso20022"))


def test_pain001_has_the_parts_the_message_asks_for_in_their_order() -> None:
    root = Xml.fromstring(build_files(SENDING, profile("iso20022"))["xml"])
    names = {"p": NAMESPACE}

    def children(path: str) -> list[str]:
        found = root.find(path, names)
        assert found is not None, path
        return [one.tag.split("}")[1] for one in found]

    assert root.tag == f"{{{NAMESPACE}}}Document"
    assert children("p:CstmrCdtTrfInitn/p:GrpHdr") == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
    block = "p:CstmrCdtTrfInitn/p:PmtInf"
    assert children(block)[:8] == [
        "PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt",
    ]  # fmt: skip
    transfer = f"{block}/p:CdtTrfTxInf"
    assert children(transfer) == ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]
    assert root.findtext(f"{block}/p:CtrlSum", namespaces=names) == "1212.65"
    ends = [one.text for one in root.iterfind(f"{transfer}/p:PmtId/p:EndToEndId", names)]
    assert ends == ["Y20191120-0007-00001", "Y20191120-0007-00002"]
    amount = root.find(f"{transfer}/p:Amt/p:InstdAmt", names)
    assert amount is not None
    assert (amount.get("Ccy"), amount.text) == ("CNY", "800.00")


def test_camt054_tells_payments_and_returns() -> None:
    paid, returned = read_answers(CAMT.encode(), profile("iso20022"))

    assert (paid.order_no, paid.is_paid, paid.amount_fen, paid.on) == (
        "Y-1",
        True,
        80_000,
        date(2019, 11, 21),
    )
    assert (returned.order_no, returned.is_paid, returned.amount_fen) == ("Y-2", False, 41_265)
    assert (returned.reason_code, returned.reason) == ("AC01", "账号不存在")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<Sum>1212.65", "<Sum>1212.66", "合计写的是 1,212.66，各笔加起来是 1,212.65"),
        ("camt.054.001.08", "camt.053.001.08", "应是 urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE x>", "DOCTYPE"),
        ("</Document>", "", "不是完整的 XML"),
        ('Ccy="CNY">800', 'Ccy="USD">800', "人民币"),
        (">BOOK<", ">PDNG<", "BOOK"),
        ("<CdtDbtInd>CRDT", "<CdtDbtInd>DBIT", "RtrInf"),
        ("800.00", "8e2", "800.00"),
        ("2019-11-22", "2019-13-22", "2019-11-21"),
    ],
)
def test_a_faulty_notification_is_refused_whole(old: str, new: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read_answers(CAMT.replace(old, new).encode(), profile("iso20022"))


def test_a_fixed_width_answer_is_read_by_its_places() -> None:
    content = (
        "H20191121\r\n"
         "D" + "Y-1".ljust(30) + "00000000080000" + "20191121" + "00" + "    " + "\r\n"
        + "D" + "Y-2".ljust(30) + "00000000041265" + "20191121" + "01" + "A002" + "\r\n"
    )  # fmt: skip

    lines = read_answers(content.encode("gbk"), profile("fixed-width"))

    assert [(one.order_no, one.is_paid, one.amount_fen, one.reason) for one in lines] == [
        ("Y-1", True, 80_000, ""),
        ("Y-2", False, 41_265, "户名不符"),
    ]


def test_a_workbook_of_answers_is_read_by_its_titles() -> None:
    general = profile("general", BANKS)
    made = read_profile(
        (BANKS / "general.yaml").read_bytes().replace(b"in:\n  form: csv\n", b"in:\n  form: xlsx\n"),
        "general",
    )
    book = build_files(SENDING, general)["xlsx"]

    with pytest.raises(UnreadableFile, match="表头应有 指令号、结果、日期、金额"):
        read_answers(book, made)


def test_a_total_that_differs_from_the_lines_refuses_the_file() -> None:
    general = profile("general", BANKS)
    text = "指令号,结果,日期,金额\nA,成功,2019/11/21,800.00\n合计,,,{}\n"

    assert read_answers(text.format("800.00").encode("gb18030"), general)[0].amount_fen == 80_000
    with pytest.raises(UnreadableFile, match=r"合计写的是 800\.01，各行加起来是 800\.00"):
        read_answers(text.format("800.01").encode(), general)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("form: csv", "form: csw", r"general.yaml:\d+: form 不能是“csw”，是不是 csv"),
        ("value: account_no", "value: acount_no", "是不是 account_no"),
        ("encoding: utf-8-sig", "encoding: utf-9", "encoding 不能是“utf-9”"),
        ("titles: true", "titles: maybe", "true 或 false"),
        ("{count} 笔", "{cnt} 笔", "不认识 {cnt}，是不是 count"),
        ("{count} 笔", "{count 笔", "没有成对"),
        ("YYYY/MM/DD", "dd.mm.yyyy", "date 应像 YYYY-MM-DD"),
        ("failed: [failed, 失败", "failed: [paid, 失败", "“paid”不能既是 paid 又是 failed"),
        ("title: 通用", "titel: 通用", "不认识“titel”"),
        ("      - {title: 账号, value: account_no}\n", "", "columns 里缺少 value: account_no"),
        ("    - {value: result, titles: [result, 结果, 处理结果]}\n", "", "columns 里缺少 value: result"),
        ("in:", "in: [", "不是正确的 YAML"),
        ("- form: xlsx", "- form: csv", "写了两次"),
        ("value: order_no}", "value: order_no, width: 3}", "只有 fixed 才有 width"),
    ],
)
def test_a_fault_of_a_profile_is_told_with_its_line(old: str, new: str, says: str) -> None:
    content = (BANKS / "general.yaml").read_text(encoding="utf-8")
    assert old in content

    with pytest.raises(UnreadableFile, match=says):
        read_profile(content.replace(old, new).encode(), "general")


def test_profiles_are_found_by_name() -> None:
    assert list_profiles(BANKS) == ["general"]
    assert list_profiles(EXAMPLES) == ["fixed-width", "iso20022"]
    with pytest.raises(UnreadableFile, match="是不是 general"):
        load_profile(BANKS, "genral")
    with pytest.raises(UnreadableFile):
        load_profile(BANKS, "../banks/general")


def test_forms_of_dates() -> None:
    assert all(is_date_form(one) for one in ("YYYYMMDD", "DD.MM.YYYY", "YYYY年MM月DD日"))
    assert not any(is_date_form(one) for one in ("YYYY-MM", "Y-M-D", "YYYY-MM-MM"))
    assert date_text(date(2019, 1, 2), "DD/MM/YYYY") == "02/01/2019"


def test_the_csv_is_what_a_spreadsheet_reads() -> None:
    made = build_files(SENDING, profile("general", BANKS))["csv"].decode("utf-8-sig")

    assert [len(row) for row in csv.reader(io.StringIO(made))] == [6, 6, 6, 6]
