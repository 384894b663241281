"""Loading (读取方案目录): YAML files become terms; the only place in the rules that knows YAML.

In: a scheme directory with `<valid-from>.yaml` per version, `sources.yaml` and `golden/`. Out:
`SchemeVersion`. Reading the same directory again gives equal values.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from yiyuan.kernel.errors import CaseError, SchemeError
from yiyuan.rules.cases import Case, parse_cases
from yiyuan.rules.events.facts import CASE_FACTS, Fact
from yiyuan.rules.scheme_file.conditions import Names
from yiyuan.rules.scheme_file.facts import parse_facts
from yiyuan.rules.scheme_file.floor import check_floor
from yiyuan.rules.scheme_file.inheriting import lay_over
from yiyuan.rules.scheme_file.located import (
    FaultyCaseError,
    FaultySchemeError,
    Finding,
    Findings,
    Located,
    Section,
    nearest,
)
from yiyuan.rules.scheme_file.scheme import parse_scheme, parse_sources
from yiyuan.rules.terms import SchemeVersion, Source

SOURCES_FILE = "sources.yaml"
SOURCES = "sources"  # a base file names its sources in itself
BASE = "base"  # the folder, beside the scheme directories, of what a scheme may take over by a bare name
PRODUCT_BASE = Path(__file__).resolve().parents[4] / "schemes" / BASE
STANDARD_FACTS = PRODUCT_BASE / "facts.yaml"
_NULL = "tag:yaml.org,2002:null"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C reads the same, and faster
_VERSION_FILE = re.compile(r"\d{4}-\d{2}-\d{2}\.yaml")


def load_scheme(directory: Path, version: date | None = None) -> SchemeVersion:
    """Return the version in force from that day, or the only one of the directory.

    :raises SchemeError: when the directory, the file or the version cannot be used; every finding is named.
    """
    if version is None:
        versions = load_versions(directory)
        if len(versions) > 1:
            listed = "、".join(one.version for one in versions)
            raise SchemeError(f"{directory} 有 {len(versions)} 个版本（{listed}），请用 --version 指明一个")
        return versions[0]
    for file in version_files(directory):
        if file.stem == version.isoformat():
            return load_file(file)
    listed = "、".join(file.stem for file in version_files(directory))
    raise SchemeError(f"{directory} 没有 {version} 起的版本；有的是 {listed}")


def load_versions(directory: Path) -> tuple[SchemeVersion, ...]:
    """Return every version of the directory, earliest first.

    :raises SchemeError: when there is none or one cannot be used.
    """
    return tuple(load_file(file) for file in version_files(directory))


def version_files(directory: Path) -> list[Path]:
    """Return the version files of a scheme directory, earliest first.

    :raises SchemeError: when the directory is none or holds no version.
    """
    if not directory.is_dir():
        raise SchemeError(f"没有这个方案目录：{directory}")
    files = sorted(file for file in directory.glob("*.yaml") if _VERSION_FILE.fullmatch(file.name))
    if not files:
        raise SchemeError(f"{directory} 里没有方案文件（应叫 2019-01-01.yaml 这样的名字）")
    return files


def load_file(file: Path) -> SchemeVersion:
    """Return the version of one file.

    :raises SchemeError: with every finding, when the file cannot be used.
    """
    version, findings = read_file(file)
    if version is None:
        raise FaultySchemeError(findings.found)
    return version


def read_file(file: Path) -> tuple[SchemeVersion | None, Findings]:
    """Return the version of one file, None when it cannot be used, and what is wrong or worth a remark."""
    findings = Findings(str(file))
    sources, about_sources = _read_sources(file.parent / SOURCES_FILE)
    findings.remarks.extend(about_sources)
    reader = _Reader(findings, sources)
    node, sha256 = reader.read(file, (file.resolve(),))
    version = None
    if node is not None:
        version = parse_scheme(Section(node, findings, "方案"), sources, standard_facts(), file.stem, sha256)
        reader.check_floor(node, file)
    return (None if findings.found else version), findings


def read_tree(file: Path) -> Located:
    """Return the file's values with all that it takes over, as they are written.

    :raises SchemeError: when the file cannot be read.
    """
    findings = Findings(str(file))
    node, _ = _Reader(findings, {}).read(file, (file.resolve(),))
    if node is None:
        raise FaultySchemeError(findings.found)
    return node


@dataclass(slots=True)
class _Reader:
    """Reads one file with all that it takes over; sources of the files taken over join its own."""

    findings: Findings
    sources: dict[str, Source]

    def read(self, file: Path, trail: tuple[Path, ...], first_line: int = 0) -> tuple[Located | None, str]:
        """Return the file's values laid over its parents', and the sha256 of all their bytes."""
        node, sha256 = read_yaml(file, self.findings, first_line)
        if node is None:
            return None, sha256
        hashes = [sha256]
        own = node
        for name, line in self._names(own, "inherits"):
            parent = self._find(name, file, line)
            if parent is None:
                continue
            if parent.resolve() in trail:
                way = " → ".join(one.name for one in (*trail, parent))
                self.findings.add(line, f"继承绕回了自己：{way}")
                continue
            taken, hash_of_parent = self._read_parent(parent, trail, line)
            hashes.append(hash_of_parent)
            if taken is not None:
                node = lay_over(node, taken, self.findings)
        if len(hashes) > 1:
            sha256 = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
        return node, sha256

    def check_floor(self, node: Located, file: Path) -> None:
        """Report what falls below the plan named under `not_below`."""
        for name, line in self._names(node, "not_below"):
            floor = self._find(name, file, line)
            if floor is not None:
                first_line = self.findings.begin(str(floor))
                reader = _Reader(self.findings, {})
                taken, _ = reader.read(floor, (file.resolve(), floor.resolve()), first_line)
                if taken is not None:
                    check_floor(node, taken, line, self.findings)

    def _read_parent(self, parent: Path, trail: tuple[Path, ...], line: int) -> tuple[Located | None, str]:
        if (parent.parent / SOURCES_FILE).is_file():
            theirs, about_sources = _read_sources(parent.parent / SOURCES_FILE)
            self.findings.remarks.extend(about_sources)
            self._join(theirs, parent.parent / SOURCES_FILE, line)
        node, sha256 = self.read(parent, (*trail, parent.resolve()), self.findings.begin(str(parent)))
        inside = node.value.get(SOURCES) if node is not None and isinstance(node.value, dict) else None
        if inside is not None:
            top = Section(Located({SOURCES: inside}, inside.line), self.findings, "出处")
            self._join(parse_sources(top), parent, line)
        return node, sha256

    def _join(self, theirs: Mapping[str, Source], file: Path, line: int) -> None:
        for source_id, source in theirs.items():
            if self.sources.setdefault(source_id, source) != source:
                self.findings.add(line, f"出处 {source_id} 与 {file} 的不是同一份，请换个编号")

    def _names(self, node: Located, key: str) -> list[tuple[str, int]]:
        said = node.value.get(key) if isinstance(node.value, dict) else None
        if said is None or said.value is None:
            return []
        names = said.value if isinstance(said.value, list) else [said]
        for one in names:
            if not isinstance(one.value, str):
                self.findings.add(one.line, f"{key} 应是文件名，如 statutory 或 ../province/2019-01-01.yaml")
        return [(one.value, one.line) for one in names if isinstance(one.value, str)]

    def _find(self, name: str, file: Path, line: int) -> Path | None:
        if name.endswith(".yaml"):
            if (file.parent / name).is_file():
                return file.parent / name
            self.findings.add(line, f"没有找到 {name}（从 {file.parent} 找起）")
            return None
        folders = (file.parent.parent / BASE, PRODUCT_BASE)
        for folder in folders:
            if (folder / f"{name}.yaml").is_file():
                return folder / f"{name}.yaml"
        known = sorted({one.stem for folder in folders for one in folder.glob("*.yaml")})
        self.findings.add(line, f"没有基础文件 {name}{nearest(name, known)}；别的方案请写到 .yaml 为止")
        return None


@cache
def standard_facts() -> Mapping[str, Fact]:
    """Return the facts that every scheme may name without declaring them.

    :raises SchemeError: when the product's own file of them is damaged.
    """
    findings = Findings(str(STANDARD_FACTS))
    node, _ = read_yaml(STANDARD_FACTS, findings)
    facts: Mapping[str, Fact] = {}
    if node is not None:
        top = Section(node, findings, "标准事实")
        facts = parse_facts(top.section("facts"), Names(findings, CASE_FACTS))
        top.close()
    if findings.found:
        raise FaultySchemeError(findings.found)
    return facts


def _read_sources(file: Path) -> tuple[dict[str, Source], list[Finding]]:
    findings = Findings(str(file))
    if not file.is_file():
        text = f"缺少 {file.name}：每条条款的出处写在里面，还没有出处的写 sources: {{}}"
        raise FaultySchemeError([Finding(str(file), 0, None, text)])
    node, _ = read_yaml(file, findings)
    sources = {} if node is None else parse_sources(Section(node, findings, "出处"))
    if findings.found:
        raise FaultySchemeError(findings.found)
    return sources, findings.remarks


def read_yaml(file: Path, findings: Findings, first_line: int = 0) -> tuple[Located | None, str]:
    """Return the file's values with their lines, None when it is not YAML, and the sha256 of its bytes.

    `first_line` is what `findings.begin` gave for a file that is taken over.

    :raises SchemeError: when the file cannot be opened.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SchemeError(f"读不到文件 {file}：{error.strerror}") from error
    sha256 = hashlib.sha256(content).hexdigest()
    first_line += 1
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=_LOADER)
    except UnicodeDecodeError as error:
        findings.add(first_line + content[: error.start].count(b"\n"), "文件应是 UTF-8 编码")
        return None, sha256
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        findings.add(first_line + line, f"不是正确的 YAML：{error.problem}（{_likely(error)}）")
        return None, sha256
    except yaml.YAMLError as error:
        findings.add(first_line, f"不是正确的 YAML：{error}")
        return None, sha256
    if node is None:
        findings.add(first_line, "文件是空的")
        return None, sha256
    try:
        return located(node, findings, first_line), sha256
    except RecursionError:
        findings.add(first_line, "YAML 的别名（*）指回了自己")
        return None, sha256


def _likely(error: yaml.MarkedYAMLError) -> str:
    said = f"{error.context} {error.problem}"
    if "mapping values are not allowed" in said or "flow mapping" in said:
        return "多半是文字里有英文逗号或冒号，请加引号"
    return "多半是缩进、冒号后缺空格或引号不成对"


def located(node: yaml.Node, findings: Findings, first_line: int = 1) -> Located:
    """Return the values of a YAML node with their lines; a key written twice is a finding."""
    line = node.start_mark.line + first_line
    if isinstance(node, yaml.SequenceNode):
        return Located([located(item, findings, first_line) for item in node.value], line)
    if isinstance(node, yaml.MappingNode):
        keys: dict[str, Located] = {}
        for key, value in node.value:
            name = str(key.value)
            if node.flow_style and value.tag == _NULL and key.end_mark.column == value.start_mark.column:
                # A comma inside a text begins another key, which then stands alone.
                findings.add(
                    key.start_mark.line + first_line,
                    f"“{name}”后面没有值：前面的文字里有英文逗号或冒号，请加引号",
                )
                continue
            if name in keys:
                findings.add(key.start_mark.line + first_line, f"“{name}”写了两次")
            keys[name] = located(value, findings, first_line)
        return Located(keys, line)
    silent = node.tag == _NULL
    return Located(None if silent else str(node.value), line)


def load_cases(file: Path) -> list[Case]:
    """Return the cases of a case file, in its order.

    :raises CaseError: with every finding, when the file cannot be used.
    """
    findings = Findings(str(file))
    try:
        node, _ = read_yaml(file, findings)
    except SchemeError as error:
        raise CaseError(str(error)) from error
    cases = [] if node is None else parse_cases(node, findings)
    if findings.found:
        raise FaultyCaseError(findings.found)
    return cases
