"""The English of the staff site (英文译文): what needs translating, and the compiled catalogue.

In: the templates and modules of the desk, and `locale/en/LC_MESSAGES/django.po`. Out: messages, and the bytes
of `django.mo`. Run as `python -m tests.unit.desk.catalogue`, it adds what is missing, empty, and compiles.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from yiyuan.interfaces import desk

HOME = Path(desk.__file__).parent
PO_FILE = HOME / "locale/en/LC_MESSAGES/django.po"
MO_FILE = PO_FILE.with_suffix(".mo")
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: yiyuan\\n"
"POT-Creation-Date: 2026-11-23 00:00+0000\\n"
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": None, "ngettext_lazy": None}

Message = str | tuple[str, ...]


def messages_in_use() -> dict[Message, str]:
    """Return every message of the desk with the file it stands in."""
    found: dict[Message, str] = {}
    for path in sorted([*HOME.rglob("*.html"), *HOME.rglob("*.py")]):
        text = path.read_text(encoding="utf-8")
        source = templatize(text, origin=str(path)) if path.suffix == ".html" else text
        for _line, _function, message, _notes in extract_python(
            BytesIO(source.encode("utf-8")), KEYWORDS, [], {}
        ):
            words = message if isinstance(message, str) else tuple(part for part in message if part)[:2]
            if words:
                found.setdefault(words, str(path.relative_to(HOME)))
    return found


def catalogue() -> Catalog:
    """Return the English catalogue as it is written in the .po file."""
    with PO_FILE.open("rb") as file:
        return read_po(file, locale="en")


def compiled(messages: Catalog) -> bytes:
    """Return the catalogue in the compiled form; the same catalogue gives the same bytes."""
    target = BytesIO()
    write_mo(target, messages)
    return target.getvalue()


def main() -> None:
    """Add the missing messages with an empty translation, drop what is not used, compile."""
    messages = catalogue()
    used = messages_in_use()
    for words, place in used.items():
        if words not in messages:
            print(f"{place}: {words}")
            messages.add(words)
    singular = {words if isinstance(words, str) else words[0] for words in used}
    for message in [*messages]:
        key = message.id if isinstance(message.id, str) else message.id[0]
        if key and key not in singular:
            messages.delete(message.id)
    written = BytesIO()
    write_po(written, messages, width=0, sort_output=True, omit_header=True, ignore_obsolete=True)
    PO_FILE.write_bytes(HEADER.encode("utf-8") + written.getvalue())
    MO_FILE.write_bytes(compiled(catalogue()))


if __name__ == "__main__":
    main()
