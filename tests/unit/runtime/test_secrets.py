"""Keys: made once, kept closed, never silently replaced."""

import base64
import json
import threading
from pathlib import Path

import pytest

from yiyuan.runtime.secrets import FILE_BY_VARIABLE, WrongKeysError, load_keys, mark_keys


@pytest.fixture(autouse=True)
def _no_keys_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in FILE_BY_VARIABLE:
        monkeypatch.delenv(variable, raising=False)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = load_keys(tmp_path / "secrets", tmp_path / "city" / "keys.json")

    again = load_keys(tmp_path / "secrets", tmp_path / "city" / "keys.json")

    assert again == first
    assert len(set(first.values())) == 3
    assert {len(base64.b64decode(key)) for key in first.values()} == {32}
    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_the_marks_do_not_hold_the_keys(tmp_path: Path) -> None:
    keys = load_keys(tmp_path / "secrets", tmp_path / "keys.json")

    text = (tmp_path / "keys.json").read_text()

    assert json.loads(text) == mark_keys(keys)
    assert not any(key in text for key in keys.values())


def test_a_lost_field_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    load_keys(tmp_path / "secrets", tmp_path / "keys.json")
    (tmp_path / "secrets" / "field.key").unlink()

    with pytest.raises(WrongKeysError, match=r"field\.key"):
        load_keys(tmp_path / "secrets", tmp_path / "keys.json")

    assert not (tmp_path / "secrets" / "field.key").exists()


def test_another_key_in_the_environment_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_keys(tmp_path / "secrets", tmp_path / "keys.json")
    monkeypatch.setenv("YIYUAN_INDEX_KEY", base64.b64encode(b"x" * 32).decode())

    with pytest.raises(WrongKeysError, match="不符"):
        load_keys(tmp_path / "secrets", tmp_path / "keys.json")


def test_keys_from_the_environment_are_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, variable in enumerate(FILE_BY_VARIABLE):
        monkeypatch.setenv(variable, base64.b64encode(bytes([number]) * 32).decode())

    keys = load_keys(tmp_path / "secrets", tmp_path / "keys.json")

    assert keys["YIYUAN_INDEX_KEY"] == base64.b64encode(b"\x02" * 32).decode()
    assert not (tmp_path / "secrets").exists()


def test_two_first_starts_at_once_agree(tmp_path: Path) -> None:
    found: list[dict[str, str]] = []
    together = threading.Barrier(8)

    def start() -> None:
        together.wait()
        found.append(load_keys(tmp_path / "secrets", tmp_path / f"{threading.get_ident()}.json"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert all(keys == found[0] for keys in found)
