"""Profile files (读取配置): what a clerk knows about a department's file and the file does not say.

In: a YAML file. Out: a frozen `Profile`; every entry is optional, an unknown entry is refused with its name.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path

import yaml

from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.meaning import is_field

DATE_ORDERS = ("ymd", "dmy", "mdy")


@dataclass(frozen=True)
class Profile:
    """How to read one department's files; an empty profile lets the content decide everything."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Canonical field → headers that mean it, before any alias of our own."""
    ignored: tuple[str, ...] = ()
    """Headers that mean none of our fields, whatever they look like."""
    counties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """County code → names the file uses, beside the counties we know."""
    group: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    """1 = first row of the sheet; blank lines of a text file are not counted."""
    sheets: tuple[str, ...] = ()
    date_order: str = "ymd"
    county_code: str | None = None
    valid_from: date | None = None
    """The start of status for a register that has no column of starts."""
    source: str | None = None


def load_profile(path: Path) -> Profile:
    """Return the profile that the YAML file at `path` describes.

    :raises UnreadableFile: when the file is no YAML mapping or has an entry that is not known or of the
    wrong form.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadableFile(f"配置文件 {path} 读不了：{error}") from error
    if not isinstance(data, dict):
        raise UnreadableFile(f"配置文件 {path} 应是“名称: 值”的 YAML，例如 columns: {{person_id: 证号}}")
    return profile_from(data, origin=str(path))


def profile_from(data: Mapping[str, object], *, origin: str) -> Profile:
    """Return the profile for a mapping as YAML gives it; `origin` names it in refusals.

    :raises UnreadableFile: when an entry is not known or of the wrong form.
    """
    known = {entry.name for entry in fields(Profile)}
    if unknown := sorted(set(data) - known):
        raise UnreadableFile(
            f"{origin} 有不认识的项：{'、'.join(unknown)}；可用的项：{'、'.join(sorted(known))}"
        )
    given: dict[str, object] = {name: value for name, value in data.items() if value is not None}
    for name in ("columns", "counties"):
        if name in given:
            given[name] = _lists(given[name], f"{origin} 的 {name}")
    _require_fields(given.get("columns"), origin)
    for name in ("sheets", "ignored"):
        if name in given:
            given[name] = _texts(given[name])
    _require_forms(given, origin)
    for name in ("group", "encoding", "delimiter", "county_code", "source"):
        if name in given:
            given[name] = str(given[name])
    return Profile(**given)  # type: ignore[arg-type]  # Each entry was checked above; YAML has no types.


def profile_words(profile: Profile) -> dict[str, object]:
    """Return what a profile says as plain texts, numbers and lists; `profile_from` makes it again."""
    said: dict[str, object] = {}
    for entry in fields(Profile):
        value = getattr(profile, entry.name)
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, Mapping):
            value = {name: list(names) for name, names in value.items()}
        elif isinstance(value, tuple):
            value = list(value)
        if value and value != entry.default:
            said[entry.name] = value
    return said


def _require_forms(given: dict[str, object], origin: str) -> None:
    if given.get("date_order", "ymd") not in DATE_ORDERS:
        raise UnreadableFile(f"{origin} 的 date_order 应是 {'、'.join(DATE_ORDERS)} 之一")
    if isinstance(given.get("valid_from"), str):
        with suppress(ValueError):
            given["valid_from"] = date.fromisoformat(str(given["valid_from"]))
    if not isinstance(given.get("valid_from", date.min), date):
        raise UnreadableFile(f"{origin} 的 valid_from 应是日期，例如 2019-01-01")
    if not isinstance(given.get("header_row", 1), int):
        raise UnreadableFile(f"{origin} 的 header_row 应是整数，1 为第一行")


def _require_fields(columns: object, origin: str) -> None:
    unknown = [name for name in columns if not is_field(name)] if isinstance(columns, dict) else []
    if unknown:
        raise UnreadableFile(f"{origin} 的 columns 有不认识的规范栏目：{'、'.join(unknown)}；见 aliases.yaml")


def _lists(value: object, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise UnreadableFile(f"{where} 应是“名称: [写法, 写法]”")
    return {str(name): _texts(names) for name, names in value.items()}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else (str(value),)
