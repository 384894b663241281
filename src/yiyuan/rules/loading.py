"""Loading (读取方案目录): YAML files become terms; the only place in the rules that knows YAML.

In: a scheme directory with `<valid-from>.yaml` per version, `sources.yaml` and `golden/`. Out:
`SchemeVersion`. Reading the same directory again gives equal values.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from yiyuan.kernel.errors import CaseError, SchemeError
from yiyuan.rules.cases import Case, parse_cases
from yiyuan.rules.facts import CASE_FACTS, Fact
from yiyuan.rules.located import Finding, Findings, Located, Section
from yiyuan.rules.parsing import parse_scheme, parse_sources
from yiyuan.rules.parsing_conditions import Names
from yiyuan.rules.parsing_facts import parse_facts
from yiyuan.rules.terms import SchemeVersion, Source

SOURCES_FILE = "sources.yaml"
STANDARD_FACTS = Path(__file__).resolve().parents[3] / "schemes" / "base" / "facts.yaml"
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
        raise SchemeError("\n".join(str(finding) for finding in findings.found))
    return version


def read_file(file: Path) -> tuple[SchemeVersion | None, Findings]:
    """Return the version of one file, None when it cannot be used, and what is wrong or worth a remark."""
    findings = Findings(str(file))
    sources, about_sources = _read_sources(file.parent / SOURCES_FILE)
    findings.remarks.extend(about_sources)
    node, sha256 = read_yaml(file, findings)
    version = None
    if node is not None:
        version = parse_scheme(Section(node, findings, "方案"), sources, standard_facts(), file.stem, sha256)
    return (None if findings.found else version), findings


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
        raise SchemeError("\n".join(str(finding) for finding in findings.found))
    return facts


def _read_sources(file: Path) -> tuple[dict[str, Source], list[Finding]]:
    findings = Findings(str(file))
    node, _ = read_yaml(file, findings)
    sources = {} if node is None else parse_sources(Section(node, findings, "出处"))
    if findings.found:
        raise SchemeError("\n".join(str(finding) for finding in findings.found))
    return sources, findings.remarks


def read_yaml(file: Path, findings: Findings) -> tuple[Located | None, str]:
    """Return the file's values with their lines, None when it is not YAML, and the sha256 of its bytes.

    :raises SchemeError: when the file cannot be opened.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SchemeError(f"读不到文件 {file}：{error.strerror}") from error
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        findings.add(content[: error.start].count(b"\n") + 1, "文件应是 UTF-8 编码")
        return None, sha256
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        findings.add(line, f"不是正确的 YAML：{error.problem}（多半是缩进、冒号后缺空格或引号不成对）")
        return None, sha256
    except yaml.YAMLError as error:
        findings.add(1, f"不是正确的 YAML：{error}")
        return None, sha256
    if node is None:
        findings.add(1, "文件是空的")
        return None, sha256
    try:
        return located(node, findings), sha256
    except RecursionError:
        findings.add(1, "YAML 的别名（*）指回了自己")
        return None, sha256


def located(node: yaml.Node, findings: Findings) -> Located:
    """Return the values of a YAML node with their lines; a key written twice is a finding."""
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Located([located(item, findings) for item in node.value], line)
    if isinstance(node, yaml.MappingNode):
        keys: dict[str, Located] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in keys:
                findings.add(key.start_mark.line + 1, f"“{name}”写了两次")
            keys[name] = located(value, findings)
        return Located(keys, line)
    silent = node.tag == "tag:yaml.org,2002:null"
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
        raise CaseError("\n".join(str(finding) for finding in findings.found))
    return cases
