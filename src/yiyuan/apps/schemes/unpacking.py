"""Unpacking an uploaded draft (解开上传的草案): a zip of a scheme directory, or its YAML files, bounded.

In: the names and bytes as a browser sends them. Out: texts by their place in a scheme directory. Whoever
uploads may be mistaken or malicious: sizes are counted while reading, names are matched, never cleaned, and
YAML whose aliases or depth would grow on reading is refused before it is read.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import yaml

from yiyuan.apps.schemes.errors import DraftUnreadable

UPLOAD_MAX = 1_000_000  # bytes as sent, all files together
FILES_MAX = 60
UNPACKED_MAX = 4_000_000  # bytes of text, all files together
VALUES_MAX = 200_000  # of one file, with its aliases written out; the plans we know have some thousands
DEPTH_MAX = 40  # lists and mappings inside each other; the plans we know need a dozen
SOURCES = "sources.yaml"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}\.yaml")
_GOLDEN = re.compile(r"golden/[^/\\\x00-\x1f\x7f:*?\"<>|.][^/\\\x00-\x1f\x7f:*?\"<>|]{0,75}\.yaml")
_IGNORED = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$)")
# A plan of the product by its bare name, a version beside this one, or one of a scheme beside this one.
_PARENT = re.compile(r"[a-z0-9_-]+|(\.\./[a-z0-9_-]+/)?\d{4}-\d{2}-\d{2}\.yaml")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def unpack(uploads: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Return the texts by place, such as `2027-01-01.yaml` or `golden/cases.yaml`; repeating it is safe.

    :raises DraftUnreadable: too large, not a draft, or a name or text that no scheme directory has.
    """
    if sum(len(content) for _, content in uploads) > UPLOAD_MAX:
        raise DraftUnreadable(f"上传的超过 {UPLOAD_MAX // 1_000_000} MB")
    files: dict[str, str] = {}
    room = UNPACKED_MAX
    for name, content in _members(uploads):
        room -= len(content)
        if room < 0:
            raise DraftUnreadable(f"解开以后超过 {UNPACKED_MAX // 1_000_000} MB")
        if name in files:
            raise DraftUnreadable(f"{name} 有两份")
        files[name] = _text(name, content)
        if len(files) > FILES_MAX:
            raise DraftUnreadable(f"超过 {FILES_MAX} 个文件")
    if not any(_VERSION.fullmatch(name) for name in files):
        raise DraftUnreadable("没有方案文件（应叫 2027-01-01.yaml 这样的名字）")
    return files


def version_of(files: dict[str, str]) -> str:
    """Return the newest version among the files of a draft, such as `2027-01-01`."""
    return max(name for name in files if _VERSION.fullmatch(name)).removesuffix(".yaml")


def scheme_of(files: dict[str, str]) -> str:
    """Return the scheme the newest version says it belongs to, empty where it does not say."""
    found = re.search(r"^scheme:[ \t]*([a-z0-9-]+)", files[f"{version_of(files)}.yaml"], re.MULTILINE)
    return found[1] if found else ""


def _members(uploads: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    for name, content in uploads:
        if not name.lower().endswith(".zip"):
            yield _place(name if name == SOURCES or _VERSION.fullmatch(name) else f"golden/{name}"), content
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from _archived(archive)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise DraftUnreadable(f"{name} 不是能解开的 zip（有密码的也不行）") from error


def _archived(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = [one for one in archive.infolist() if not one.is_dir() and not _IGNORED.search(one.filename)]
    if len(entries) > FILES_MAX:
        raise DraftUnreadable(f"超过 {FILES_MAX} 个文件")
    top = _folder(entries)
    room = UNPACKED_MAX
    for entry in entries:
        with archive.open(entry) as member:
            # What the archive says of its sizes may be a lie: what is read is what counts.
            content = member.read(room + 1)
        room -= len(content)
        if room < 0:
            raise DraftUnreadable(f"解开以后超过 {UNPACKED_MAX // 1_000_000} MB")
        yield _place(entry.filename.removeprefix(top)), content


def _folder(entries: Sequence[zipfile.ZipInfo]) -> str:
    """Return the one folder that everything lies in, with its slash, or nothing."""
    tops = {PurePosixPath(entry.filename).parts[0] for entry in entries if "/" in entry.filename}
    flat = any("/" not in entry.filename for entry in entries)
    return f"{tops.pop()}/" if len(tops) == 1 and not flat and tops != {"golden"} else ""


def _place(name: str) -> str:
    if name == SOURCES or _VERSION.fullmatch(name) or _GOLDEN.fullmatch(name):
        return name
    raise DraftUnreadable(
        f"不认识 {name[:80]}；方案目录里只有 2027-01-01.yaml、sources.yaml 和 golden/*.yaml"
    )


def _text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
        _check_growth(name, text)
    except UnicodeDecodeError as error:
        raise DraftUnreadable(f"{name} 应是 UTF-8 编码") from error
    except yaml.YAMLError:
        # What is no YAML is for the check to say, with its line.
        return text
    if _VERSION.fullmatch(name):
        _check_parents(name, text)
    return text


def _check_growth(name: str, text: str) -> None:
    """Refuse what is small as written and deep, or large with its aliases (*) written out, as it is read."""
    sizes: dict[str, int] = {}
    open_collections: list[tuple[str | None, int]] = []  # the anchor, and how many values came before
    count = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            count += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_collections.append((event.anchor, count))
            count += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_collections.pop()
            if anchor:
                sizes[anchor] = count - before
        else:
            count += 1
        if len(open_collections) > DEPTH_MAX:
            raise DraftUnreadable(f"{name} 一层套一层超过 {DEPTH_MAX} 层")
        if count > VALUES_MAX:
            raise DraftUnreadable(f"{name} 照别名（*）写出来太长")


def _check_parents(name: str, text: str) -> None:
    top = yaml.compose(text, Loader=_LOADER)
    if not isinstance(top, yaml.MappingNode):
        return
    for key, value in top.value:
        if key.value in ("inherits", "not_below"):
            rows = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for row in rows:
                if not _PARENT.fullmatch(str(row.value)):
                    raise DraftUnreadable(
                        f"{name} 的 {key.value} 是 {str(row.value)[:80]}；只能是 statutory 这样的基础文件，"
                        "或 ../<方案>/<日期>.yaml"
                    )
