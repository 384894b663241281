"""Every command a page can send is done exactly once (只办一次), and money leaves by one door."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "yiyuan"
# What is done under a key of its own each time, or finds by itself what was done before.
BY_THEMSELVES = {
    "move_claim",  # the event carries the key; the digest stands in the audit row
    "record_view",  # each reading leaves a row
    "record_entry",
    "hand_out_file",  # each taking leaves a row
    "request_run",  # one waits at a time, whoever asks
    "open_row",  # a reading
    "write_mending_book",  # a reading
}


def commands() -> dict[str, bool]:
    """Return the functions of the apps that take a request key, and whether each is exactly once."""
    found = {}
    for path in (SOURCE / "apps").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and "request_key" in {a.arg for a in node.args.kwonlyargs}:
                marks = {ast.unparse(mark).split("(")[0] for mark in node.decorator_list}
                found[node.name] = "exactly_once" in marks
    return found


def test_every_command_of_a_page_is_exactly_once() -> None:
    is_once = commands()
    used = {
        alias.name
        for path in (SOURCE / "interfaces" / "desk").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("yiyuan.apps.")
        for alias in node.names
    }

    bare = {name for name in used if name in is_once and not is_once[name]} - BY_THEMSELVES

    assert bare == set()
    assert sum(is_once[name] for name in used if name in is_once) > 30


def test_a_batch_is_released_through_the_claims_alone() -> None:
    importers = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "release_batch"
    }

    assert importers == {"apps/claims/releasing.py"}
