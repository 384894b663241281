"""The auditor's export (审计导出): every entry with its hashes, the anchors, and a script that checks them.

In: the whole ledger as one transaction sees it. Out: a folder with `entries.jsonl`, `anchors.jsonl`,
`manifest.json` and `verify.py`.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.ledger.models import Anchor
from yiyuan.kernel.actor import Actor

BLOCK = 5_000
SCRIPT = Path(__file__).parent / "auditor" / "verify.py"
TIME = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""
# Sealed entries in the order of the chain, then those that wait.
ENTRIES_SQL = f"""SELECT json_build_object(
    'position', l.position, 'id', e.id, 'kind', e.kind, 'subject', e.subject,
    'occurred_at', to_char(e.occurred_at AT TIME ZONE 'UTC', {TIME}),
    'recorded_at', to_char(e.recorded_at AT TIME ZONE 'UTC', {TIME}),
    'county_code', e.county_code, 'programme_from', to_char(e.programme_from, 'YYYY-MM-DD'),
    'actor_id', e.actor_id, 'request_key', e.request_key, 'reverses', e.reverses_id,
    'postings', (SELECT coalesce(json_agg(json_build_array(p.account_id, p.insurer, p.amount_fen)), '[]')
        FROM ledger_posting p WHERE p.entry_id = e.id),
    'digest', encode(e.digest, 'hex'), 'link', encode(l.link, 'hex'))
FROM ledger_entry e LEFT JOIN ledger_link l ON l.entry_id = e.id ORDER BY l.position NULLS LAST, e.id"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: how many entries, up to which place, with which root."""

    entries: int
    waiting: int
    position: int
    root: str


@transaction.atomic
def export_ledger(*, folder: Path, actor: Actor, occurred_at: datetime, request_key: str) -> Exported:
    """Write the export into a folder, which is made; return what it holds, and leave the row who took it.

    :raises FileExistsError: the folder is there already.
    """
    folder.mkdir(parents=True)
    exported, sums_fen = _write_entries(folder / "entries.jsonl")
    with (folder / "anchors.jsonl").open("w", encoding="utf-8") as file:
        for anchor in Anchor.objects.order_by("pk"):
            told = {
                "anchored_at": anchor.anchored_at.isoformat(),
                "position": anchor.position,
                "root": bytes(anchor.root).hex(),
            }
            file.write(json.dumps(told) + "\n")
    manifest = {
        "entries": exported.entries,
        "waiting": exported.waiting,
        "position": exported.position,
        "root": exported.root,
        "sums_fen": sums_fen,
        "exported_at": occurred_at.isoformat(),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    shutil.copyfile(SCRIPT, folder / SCRIPT.name)
    record_entry(
        actor=actor,
        verb="export_ledger",
        subject=("ledger", str(exported.position)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"entries": exported.entries, "position": exported.position, "root": exported.root},
    )
    return exported


def _write_entries(path: Path) -> tuple[Exported, Mapping[str, int]]:
    entries = waiting = position = 0
    root = bytes(32).hex()
    sums: dict[str, int] = {}
    with path.open("w", encoding="utf-8") as file:
        for entry in _entries():
            entries += 1
            if entry["position"] is None:
                waiting += 1
            else:
                position, root = entry["position"], entry["link"]
            for account, _, amount_fen in entry["postings"]:
                sums[account] = sums.get(account, 0) + amount_fen
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return Exported(entries, waiting, position, root), dict(sorted(sums.items()))


def _entries() -> Iterator[Mapping[str, Any]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(ENTRIES_SQL)
        while block := cursor.fetchmany(BLOCK):
            for (entry,) in block:
                yield entry if isinstance(entry, dict) else json.loads(entry)
