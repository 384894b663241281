"""Every word of the desk has its English, and the compiled catalogue is the one written."""

import re
from collections.abc import Sequence

from tests.unit.desk import catalogue


def test_no_message_lacks_english() -> None:
    english = catalogue.catalogue()

    missing = []
    for words, place in catalogue.messages_in_use().items():
        message = english.get(words)
        if message is None or not all(_strings(message.string)):
            missing.append(f"{place}: {words}")

    assert missing == [], "run python -m tests.unit.desk.catalogue, write the English, run it again"


def test_the_catalogue_keeps_nothing_unused() -> None:
    used = catalogue.messages_in_use()

    assert [message.id for message in catalogue.catalogue() if message.id and message.id not in used] == []


def test_compiled_is_written() -> None:
    assert catalogue.MO_FILE.read_bytes() == catalogue.compiled(catalogue.catalogue())


def test_english_keeps_the_placeholders() -> None:
    with_places = [message for message in catalogue.catalogue() if "%(" in str(message.id)]

    for message in with_places:
        for text in _strings(message.string):
            assert _placeholders(text) == _placeholders(_strings(message.id)[0]), message.id
    assert with_places


def _strings(found: str | Sequence[str] | None) -> list[str]:
    return [found] if isinstance(found, str) else [str(part) for part in found or ()]


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]", text))
