"""Located values (带行号的数据): what a YAML file says, with the line of every value, read strictly.

In: a tree of `Located` built by `loading` from a file. Out: plain values; whatever is wrong becomes a
`Finding` with file, line and clause, and reading goes on, so that one look shows every fault of the file.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches

from yiyuan.kernel.errors import CaseError, SchemeError

NAME_FORM = r"[a-z][a-z0-9_]*"
SCHEME_FORM = r"[a-z][a-z0-9-]*"
_INTEGER = re.compile(r"-?\d[\d_]*")
_FLAGS = {"true": True, "false": False}
LACKS_ENGLISH = " 没有英文"
UNREADABLE_ON = date.min  # stands for a date already reported as unreadable; such a file is never used
LINES_PER_FILE = 1_000_000  # the lines of the n-th file that a version takes over count from n times this


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a file: where, under which clause, what was found and what would be right.

    Line 0 stands for the file, or the folder, as a whole.
    """

    file: str
    line: int
    clause: str | None
    message: str

    def __str__(self) -> str:
        clause = f" [{self.clause}]" if self.clause else ""
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line}{clause}: {self.message}"


class FaultySchemeError(SchemeError):
    """A scheme file that cannot be used, with every finding."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


class FaultyCaseError(CaseError):
    """A case, or a file of cases, that cannot be read, with every finding."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Located:
    """A value and its line: text of a scalar, a mapping, a list, or None where the file says nothing.

    A line of an inherited file lies beyond `LINES_PER_FILE`; `Findings.place` says which file and line it is.
    """

    value: "str | dict[str, Located] | list[Located] | None"
    line: int


@dataclass(slots=True)
class Findings:
    """What is wrong with one file, and with those it takes over, in the order in which it was found."""

    file: str
    found: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)  # what may stay as it is and is worth knowing
    cited: list[tuple[int, str]] = field(default_factory=list)  # line and id of every clause a term rests on
    inherited: list[str] = field(default_factory=list)  # the files taken over, in the order they were read
    lost_clauses: set[tuple[str, str]] = field(default_factory=set)  # clause and file whose words gave way

    def begin(self, file: str) -> int:
        """Return what is added to the lines of a file that is taken over, so that each names its file."""
        self.inherited.append(file)
        return len(self.inherited) * LINES_PER_FILE

    def place(self, line: int) -> tuple[str, int]:
        """Return the file and the line in it behind the line of a located value."""
        number, line_of_file = divmod(line, LINES_PER_FILE)
        return (self.inherited[number - 1] if number else self.file), line_of_file

    def is_own(self, line: int) -> bool:
        """Return whether the line is one of the file itself, not of one it takes over."""
        return line < LINES_PER_FILE

    def add(self, line: int, message: str, clause: str | None = None) -> None:
        """Record one fault; recording it again adds nothing."""
        finding = Finding(*self.place(line), clause, message)
        if finding not in self.found:
            self.found.append(finding)

    def remark(self, line: int, message: str, clause: str | None = None) -> None:
        """Record what may stay as it is; recording it again adds nothing."""
        finding = Finding(*self.place(line), clause, message)
        if finding not in self.remarks:
            self.remarks.append(finding)


class Section:
    """One mapping of a file, read key by key; `close` reports the keys that nobody asked for."""

    def __init__(self, node: Located, findings: Findings, name: str) -> None:
        self.line = node.line
        self.name = name
        self.findings = findings
        self.clause: str | None = None
        self._asked: dict[str, None] = {}
        self._keys: dict[str, Located] = {}
        if isinstance(node.value, dict):
            self._keys = node.value
        else:
            self.fault(f"{name} 应是“键: 值”的一组")

    def fault(self, message: str, line: int | None = None) -> None:
        """Record a fault of this section, at its own line unless another is given."""
        self.findings.add(line or self.line, message, self.clause)

    def has(self, key: str) -> bool:
        """Return whether the section says something under the key; asking makes the key a known one."""
        self._asked[key] = None
        return key in self._keys and self._keys[key].value is not None

    def line_of(self, key: str) -> int:
        """Return the line of the key's value, or of the section where there is none."""
        return self._keys[key].line if key in self._keys else self.line

    def text(self, key: str) -> str:
        """Return the text under a key that must be there and not be empty."""
        text = self._scalar(key)
        if text is not None and not text.strip():
            self.fault(f"{key} 是空的", self.line_of(key))
        return text or ""

    def name_text(self, key: str, form: str = NAME_FORM) -> str:
        """Return the name under a key that must be there: lower-case letters, digits and `_`."""
        name = self.text(key)
        if name and re.fullmatch(form, name) is None:
            joint = "连字符" if form == SCHEME_FORM else "下划线"
            self.fault(f"{key} 写的是“{name}”，应是小写字母开头的字母、数字和{joint}", self.line_of(key))
        return name

    def text_or_none(self, key: str) -> str | None:
        """Return the text under the key, None where there is none."""
        return self._scalar(key) if self.has(key) else None

    def english(self, key: str) -> str | None:
        """Return the English of the text under the key, which stands under `<key>_en` and may be missing."""
        english = self.text(f"{key}_en") if self.has(f"{key}_en") else None
        self._pair(key)
        return english

    def name_en(self, key: str = "name_zh", english_key: str = "name_en") -> str:
        """Return the English of a name, or the name itself where it has none, with a remark."""
        if self.has(english_key):
            return self.text(english_key)
        words = self._keys[key].value if self.has(key) else None
        if isinstance(words, str):
            self.findings.remark(self.line_of(key), f"{key}{LACKS_ENGLISH}（{english_key}）", self.clause)
            return words
        return ""

    def cite(self) -> str:
        """Return the clause under `clause`, which every term must name; later faults carry it."""
        if not self.has("clause"):
            self.fault(f"{self.name} 没有写依据的条款（clause）")
            return ""
        self.clause = self.cite_under("clause")
        return self.clause

    def cite_under(self, key: str) -> str:
        """Return the clause id under the key, and remember that it is cited there."""
        clause = self.text(key)
        self.findings.cited.append((self.line_of(key), clause))
        return clause

    def integer(self, key: str, least: int = 0, most: int | None = None) -> int:
        """Return the integer under a key that must be there; `_` may group its digits."""
        text = self.text(key)
        if not text:
            return least
        if _INTEGER.fullmatch(text) is None:
            self.fault(f"{key} 应是整数，写的是“{text}”", self.line_of(key))
            return least
        number = int(text.replace("_", ""))
        if number < least or (most is not None and number > most):
            self.fault(f"{key} = {number} 超出范围（{least} 到 {most or '不限'}）", self.line_of(key))
            return least
        return number

    def integer_or_none(self, key: str, least: int = 0, most: int | None = None) -> int | None:
        """Return the integer under the key, None where there is none."""
        return self.integer(key, least, most) if self.has(key) else None

    def word(self, key: str, allowed: Sequence[str], otherwise: str | None = None) -> str:
        """Return the word under the key, one of the allowed; `otherwise` where it may be left out and is."""
        if otherwise is not None and not self.has(key):
            return otherwise
        word = self.text(key)
        if word and word not in allowed:
            self.fault(f"{key} 不能是“{word}”{nearest(word, allowed)}", self.line_of(key))
        return word if word in allowed else allowed[0]

    def flag(self, key: str) -> bool:
        """Return the flag under the key; absent means false."""
        text = self.text_or_none(key)
        if text is not None and text not in _FLAGS:
            self.fault(f"{key} 应是 true 或 false，写的是“{text}”", self.line_of(key))
        return _FLAGS.get(text or "", False)

    def day(self, key: str) -> date:
        """Return the date under a key that must be there, ISO 8601."""
        text = self.text(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            if text:
                self.fault(f"{key} 应是日期，如 2019-01-01，写的是“{text}”", self.line_of(key))
            return UNREADABLE_ON

    def day_or_none(self, key: str) -> date | None:
        """Return the date under the key, None where there is none."""
        return self.day(key) if self.has(key) else None

    def moment_or_none(self, key: str) -> datetime | None:
        """Return the local time under the key to the minute, None where there is none."""
        text = self.text_or_none(key)
        if text is None:
            return None
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            self.fault(f"{key} 应是日期和时间，如 2019-01-01T09:30，写的是“{text}”", self.line_of(key))
            return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under the key, empty where there is none."""
        found: list[str] = []
        for item in self._list(key):
            if isinstance(item.value, str):
                found.append(item.value)
            else:
                self.fault(f"{key} 的每一项应是一段文字", item.line)
        return tuple(found)

    def english_texts(self, key: str) -> tuple[str, ...]:
        """Return the English of the list under the key, item by item, empty where it is missing."""
        words, english = self.texts(key), self.texts(f"{key}_en")
        self._pair(key)
        if words and english and len(words) != len(english):
            self.fault(
                f"{key}_en 有 {len(english)} 项，应与 {key} 的 {len(words)} 项一一对应",
                self.line_of(f"{key}_en"),
            )
        return english

    def has_slip_of(self, key: str) -> bool:
        """Return whether a key that nobody asked for is nearly this one: `close` names it."""
        others = [one for one in self._keys if one not in self._asked]
        return bool(get_close_matches(key, others, n=1))

    def quietly(self) -> "Section":
        """Return the same section for a first look whose faults nobody hears of."""
        unheard = Findings(self.findings.file, inherited=self.findings.inherited)
        return Section(Located(dict(self._keys), self.line), unheard, self.name)

    def chosen(self, among: Iterable[str]) -> list[str]:
        """Return which of the keys the section has, in its order."""
        return [key for key in self._keys if key in among]

    def node(self, key: str) -> Located | None:
        """Return what stands under the key as it is, None where nothing does."""
        return self._keys[key] if self.has(key) else None

    def ask_nothing_more(self) -> None:
        """Let every key pass, so that one fault of the section is not followed by others."""
        self._asked.update(dict.fromkeys(self._keys))

    def section(self, key: str) -> "Section":
        """Return the mapping under a key that must be there."""
        if not self.has(key):
            self.fault(f"{self.name} 缺少 {key}")
            return Section(Located({}, self.line), self.findings, key)
        return Section(self._keys[key], self.findings, key)

    def section_or_none(self, key: str) -> "Section | None":
        """Return the mapping under the key, None where there is none."""
        return self.section(key) if self.has(key) else None

    def sections(self, key: str) -> Iterator["Section"]:
        """Yield the mappings of the list under the key."""
        for item in self._list(key):
            yield Section(item, self.findings, f"{self.name} 的 {key}")

    def entries(self) -> Iterator[tuple[str, "Section"]]:
        """Yield every key with its mapping: for sections whose keys are names given by the file."""
        for key, node in self._keys.items():
            self._asked[key] = None
            yield key, Section(node, self.findings, key)

    def values(self) -> Iterator[tuple[str, Located]]:
        """Yield every key with its raw value: for sections whose keys are names given by the file."""
        for key, node in self._keys.items():
            self._asked[key] = None
            yield key, node

    def report_twice(self, names: Sequence[str], what: str) -> None:
        """Report every name that stands there more than once; `what` says what it names."""
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.fault(f"{what} {name} 写了两次")

    def close(self) -> None:
        """Report every key that nobody asked for, with the nearest known one."""
        for key, node in self._keys.items():
            if key not in self._asked:
                self.fault(f"{self.name} 里不认识“{key}”{nearest(key, list(self._asked))}", node.line)

    def _pair(self, key: str) -> None:
        has_words, has_english = self.has(key), self.has(f"{key}_en")
        if has_words and not has_english:
            self.findings.remark(self.line_of(key), f"{key}{LACKS_ENGLISH}（{key}_en）", self.clause)
        elif has_english and not has_words:
            self.fault(f"有 {key}_en，没有 {key}", self.line_of(f"{key}_en"))

    def _scalar(self, key: str) -> str | None:
        if not self.has(key):
            self.fault(f"{self.name} 缺少 {key}")
            return None
        node = self._keys[key]
        if not isinstance(node.value, str):
            self.fault(f"{key} 应是一个值，不是一组", node.line)
            return None
        return node.value

    def _list(self, key: str) -> list[Located]:
        if not self.has(key):
            return []
        node = self._keys[key]
        if isinstance(node.value, list):
            return node.value
        self.fault(f"{key} 应是列表", node.line)
        return []


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the hint that names the known word nearest to this one, or the known words when none is near."""
    close = get_close_matches(word, known, n=1)
    if close:
        return f"，是不是 {close[0]}？"
    return f"，可用的有 {'、'.join(known)}" if known else ""
