"""The reference (键的参考): the JSON Schema of a version file as a page for people.

In: `schemes/schema/scheme.schema.json`, read. Out: `docs/schemes/reference.md`. The same schema gives the
same page.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_HEAD = """# 键的参考 · Every key of a version file

Made from `schemes/schema/scheme.schema.json` by `./yiyuan scheme reference`; not edited by hand.
What the keys do together stands in [language.md](language.md). An editor that knows YAML schemas checks
a file as it is written when its first line is
`# yaml-language-server: $schema=../schema/scheme.schema.json`.

`_fen` is whole fen, `_bp` one ten-thousandth. A key that is not here is an error.
"""


def reference_page(schema: Mapping[str, Any]) -> str:
    """Return the page in Markdown: the sections of the file, then every row that stands in them."""
    lines = [_HEAD, "## 顶层 · The top of the file", *_table(schema)]
    for name, definition in schema["$defs"].items():
        keyed = _keyed(definition)
        if keyed is not None:
            lines += ["", f"## {name}", *_table(keyed)]
    return "\n".join(lines) + "\n"


def _keyed(definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "properties" in definition:
        return definition
    return next((one for one in definition.get("anyOf", ()) if "properties" in one), None)


def _table(definition: Mapping[str, Any]) -> Iterator[str]:
    yield "| 键 key | 意思 meaning | 写法 form |"
    yield "|---|---|---|"
    for key, said in definition["properties"].items():
        yield f"| `{key}` | {said['title']} · {said['description']} | {_form(said)} |"


def _form(said: Mapping[str, Any]) -> str:
    if "enum" in said:
        return "、".join(f"`{word}`" for word in said["enum"])
    if "$ref" in said:
        return _named(said["$ref"])
    if said.get("type") == "array":
        return f"列表 list: {_form(said['items'])}" if "items" in said else "列表 list"
    if isinstance(said.get("additionalProperties"), dict):
        return f"名字 name: {_form(said['additionalProperties'])}"
    return {"boolean": "true / false", "object": "一组 mapping"}.get(str(said.get("type")), "")


def _named(reference: str) -> str:
    name = reference.rpartition("/")[2]
    plain = {
        "integer": "整数 integer",
        "texts": "文字列表 texts",
        "condition": "[条件](language.md#conditions)",
    }
    return plain.get(name, f"[{name}](#{name})")
