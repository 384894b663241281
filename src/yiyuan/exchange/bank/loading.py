"""Reading a profile file (读取银行格式): `banks/<name>.yaml` becomes a `BankProfile`.

In: the bytes of the file and its name. Out: the profile; or one refusal that names every fault of the file
with its line and what would be right.
"""

import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import yaml

from yiyuan.exchange.bank.profile import (
    ANSWERED,
    ENCODINGS,
    IN_FORMS,
    LINE_ENDS,
    NEEDED,
    OF_A_BATCH,
    OF_AN_ORDER,
    OUT_FORMS,
    SIDES,
    UNITS,
    BankProfile,
    Column,
    InColumn,
    InForm,
    OutForm,
    Payer,
    is_date_form,
)
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.rules.scheme_file.loading import located
from yiyuan.rules.scheme_file.located import Findings, Located, Section, nearest

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PLACE = re.compile(r"\{([^{}]*)\}")
WIDTH_MAX, LINES_MAX = 1_000, 100


def list_profiles(folder: Path) -> list[str]:
    """Return the names of the profiles in a folder, in order."""
    return sorted(file.stem for file in folder.glob("*.yaml") if NAME.fullmatch(file.stem))


def load_profile(folder: Path, name: str) -> tuple[BankProfile, bytes]:
    """Return a profile of a folder and the bytes it was read from.

    :raises UnreadableFile: there is none of this name, or the file has faults.
    """
    if name not in (known := list_profiles(folder)):
        raise UnreadableFile(f"没有银行格式“{name}”{nearest(name, known)}（应在 banks/{name}.yaml）")
    content = (folder / f"{name}.yaml").read_bytes()
    return read_profile(content, name), content


@lru_cache(maxsize=32)
def read_profile(content: bytes, name: str) -> BankProfile:
    """Return what a profile file says; the same bytes are read once, they are asked for at each release.

    :raises UnreadableFile: it has faults; the text lists each with its line.
    """
    findings = Findings(f"banks/{name}.yaml")
    tree = _tree(content, findings)
    profile = None
    if tree is not None:
        top = Section(tree, findings, "银行格式")
        profile = BankProfile(
            name=name,
            title=top.text("title"),
            out=_outs(top),
            answers=_answers(top.section("in")),
            sha256=sha256(content).hexdigest(),
        )
        top.close()
    if findings.found or profile is None:
        raise UnreadableFile("\n".join(str(finding) for finding in findings.found))
    return profile


def _tree(content: bytes, findings: Findings) -> Located | None:
    try:
        node = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
        if node is not None:
            return located(node, findings)
        findings.add(1, "文件是空的")
    except UnicodeDecodeError as error:
        findings.add(1 + content[: error.start].count(b"\n"), "文件应是 UTF-8 编码")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        findings.add(1 + line, f"不是正确的 YAML：{error.problem}（多半是缩进、冒号后缺空格或引号不成对）")
    except (yaml.YAMLError, RecursionError) as error:
        findings.add(1, f"不是正确的 YAML：{error}")
    return None


def _outs(top: Section) -> tuple[OutForm, ...]:
    outs = tuple(_out(section) for section in top.sections("out"))
    if not outs:
        top.fault("out 里至少要有一个发给银行的文件", top.line_of("out"))
    top.report_twice([out.ending for out in outs], "out 的文件类型")
    return outs


def _out(section: Section) -> OutForm:
    form = section.word("form", tuple(OUT_FORMS))
    if form == "pain.001":
        made = OutForm(form, payer=_payer(section.section("payer")), purpose=section.text("purpose"))
        section.close()
        return made
    is_fixed = form == "fixed"
    made = OutForm(
        form=form,
        encoding=section.word("encoding", ENCODINGS, "utf-8"),
        delimiter=_delimiter(section),
        line_end=LINE_ENDS[section.word("line_end", tuple(LINE_ENDS), "crlf")],
        has_titles=section.flag("titles"),
        head=_columns(section, "head", OF_A_BATCH, is_fixed),
        columns=_columns(section, "columns", OF_AN_ORDER + OF_A_BATCH, is_fixed),
        foot=_columns(section, "foot", OF_A_BATCH, is_fixed),
        date_form=_date_form(section, section.text_or_none("date") or "YYYY-MM-DD"),
        width_in=section.word("width_in", UNITS, "bytes"),
        sheet=section.text_or_none("sheet") or "代发明细",
    )
    if made.has_titles and is_fixed:
        section.fault("fixed 没有标题行，请去掉 titles，或写成 head", section.line_of("titles"))
    _require_order(section, made.columns)
    section.close()
    return made


def _require_order(section: Section, columns: tuple[Column, ...]) -> None:
    values = {column.value for column in columns}
    wanted = (("order_no",), ("account_no",), ("holder_name",), ("amount_yuan", "amount_fen"))
    for names in wanted:
        if not values & set(names):
            section.fault(
                f"columns 里缺少 value: {' 或 '.join(names)}，银行不知道付给谁、付多少",
                section.line_of("columns"),
            )


def _payer(section: Section) -> Payer:
    payer = Payer(section.text("name"), section.text("account_no"), section.text("bank_code"))
    section.close()
    return payer


def _columns(section: Section, key: str, values: tuple[str, ...], is_fixed: bool) -> tuple[Column, ...]:
    return tuple(_column(one, values, is_fixed) for one in section.sections(key))


def _column(section: Section, values: tuple[str, ...], is_fixed: bool) -> Column:
    value = section.word("value", values) if section.has("value") else ""
    text = section.text_or_none("text") or ""
    if bool(value) == section.has("text"):
        section.fault("每一栏要么写 value（数据），要么写 text（固定的字），不能都写或都不写")
    for name in _PLACE.findall(text):
        if name not in OF_A_BATCH:
            section.fault(f"text 里不认识 {{{name}}}{nearest(name, OF_A_BATCH)}", section.line_of("text"))
    if set(_PLACE.sub("", text)) & set("{}"):
        section.fault("text 里的 { 和 } 没有成对", section.line_of("text"))
    fill = section.text_or_none("fill") or " "
    if len(fill) != 1 or not fill.isascii():
        section.fault(f"fill 应是一个字符，如 0 或空格，写的是“{fill}”", section.line_of("fill"))
    if not is_fixed and section.has("width"):
        section.fault("只有 fixed 才有 width", section.line_of("width"))
    column = Column(
        value=value,
        text=text,
        title=section.text_or_none("title") or "",
        width=section.integer("width", 1, WIDTH_MAX) if is_fixed else 0,
        side=section.word("side", SIDES, "left"),
        fill=fill[:1],
    )
    section.close()
    return column


def _delimiter(section: Section) -> str:
    text = section.text_or_none("delimiter")
    delimiter = "\t" if text == "tab" else text or ","
    if len(delimiter) != 1 or delimiter in '\r\n"':
        section.fault(f"delimiter 应是一个字符或 tab，写的是“{text}”", section.line_of("delimiter"))
        return ","
    return delimiter


def _date_form(section: Section, form: str) -> str:
    if not is_date_form(form):
        section.fault(f"date 应像 YYYY-MM-DD 或 YYYYMMDD，写的是“{form}”", section.line_of("date"))
        return "YYYY-MM-DD"
    return form


def _answers(section: Section) -> InForm:
    form = section.word("form", IN_FORMS)
    dates = section.texts("date") or ("YYYY-MM-DD",)
    paid, failed = section.texts("paid"), section.texts("failed")
    for word in sorted(set(paid) & set(failed)):
        section.fault(f"“{word}”不能既是 paid 又是 failed", section.line_of("failed"))
    is_camt = form == "camt.054"
    if not is_camt and not (paid and failed):
        section.fault("请写明 paid（到账）和 failed（退回）各是哪些字，如 paid: [成功]、failed: [失败]")
    made = InForm(
        form=form,
        encodings=_encodings(section),
        delimiter=_delimiter(section),
        skip=section.integer_or_none("skip", 0, LINES_MAX) or 0,
        has_titles=form in ("csv", "xlsx") and section.word("titles", ("true", "false"), "true") == "true",
        columns=() if is_camt else _in_columns(section, form),
        date_forms=tuple(_date_form(section, one) for one in dates),
        width_in=section.word("width_in", UNITS, "bytes"),
        paid=paid,
        failed=failed,
        reasons=_reasons(section),
        total_marks=section.texts("total"),
    )
    section.close()
    return made


def _encodings(section: Section) -> tuple[str, ...]:
    found = section.texts("encoding")
    for one in found:
        if one not in ENCODINGS:
            section.fault(f"encoding 不能是“{one}”{nearest(one, ENCODINGS)}", section.line_of("encoding"))
    return tuple(one for one in found if one in ENCODINGS) or ("utf-8-sig", "gb18030")


def _reasons(section: Section) -> dict[str, str]:
    words = section.section_or_none("reasons")
    return {code: str(node.value or "") for code, node in words.values()} if words else {}


def _in_columns(section: Section, form: str) -> tuple[InColumn, ...]:
    columns = tuple(_in_column(one, form) for one in section.sections("columns"))
    fields = [column.field for column in columns if column.field != "skip"]
    section.report_twice(fields, "columns 的 value")
    for names in NEEDED:
        if not set(names) & set(fields):
            section.fault(f"columns 里缺少 value: {' 或 '.join(names)}", section.line_of("columns"))
    return columns


def _in_column(section: Section, form: str) -> InColumn:
    field = section.word("value", (*ANSWERED, "skip"))
    column = InColumn(
        field=field,
        titles=section.texts("titles"),
        place=section.integer_or_none("place", 1, WIDTH_MAX) or 0,
        width=section.integer("width", 1, WIDTH_MAX) if form == "fixed" else 0,
    )
    if form != "fixed" and not column.titles and not column.place:
        section.fault(f"{field} 请写 titles（标题行里的字）或 place（第几栏）")
    section.close()
    return column
