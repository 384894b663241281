"""`./yiyuan ledger …` (账簿): seal the entries, verify the chain, hand the auditor an export.

In: the city's database. Out: where the chain stands; every row that does not hold. Exit 1 with findings.
"""

import argparse
import sys
from pathlib import Path

from yiyuan.interfaces.commands.refusals import told_plainly


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    seal = verbs.add_parser("seal", help="封存新凭证并定锚 (seal new entries, set an anchor)")
    seal.set_defaults(run_verb=_seal)
    verify = verbs.add_parser("verify", help="验全部凭证和链，改过的一行一行指出 (name every changed row)")
    verify.set_defaults(run_verb=_verify)
    export = verbs.add_parser(
        "export", help="给审计的导出，自带核对脚本 (with a script that checks it alone)"
    )
    export.add_argument("folder", type=Path, metavar="DIR", help="写到哪个新文件夹 (a new folder)")
    export.set_defaults(run_verb=_export)


def run(options: argparse.Namespace) -> int:
    """Do what the verb says while the database is up; return 1 with findings."""
    return told_plainly(lambda: _with_database(options))


def _with_database(options: argparse.Namespace) -> int:
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.surroundings import enter

    with running_database() as urls:
        enter(urls)
        import django

        django.setup()
        code: int = options.run_verb(options)
    return code


def _seal(options: argparse.Namespace) -> int:
    from uuid import uuid4

    from yiyuan.apps.ledger.sealing import anchor_chain
    from yiyuan.interfaces import clock
    from yiyuan.kernel.actor import SYSTEM_ACTOR

    sealed = anchor_chain(actor=SYSTEM_ACTOR, anchored_at=clock.now(), request_key=f"seal:{uuid4()}")
    print(f"新封 {sealed.new} 张凭证，链到第 {sealed.position} 位，链值 (root) {sealed.root.hex()}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from uuid import uuid4

    from yiyuan.apps.ledger.verifying import verify_and_record
    from yiyuan.interfaces import clock
    from yiyuan.interfaces.desk.ledger_words import finding_words
    from yiyuan.kernel.actor import SYSTEM_ACTOR

    found = verify_and_record(actor=SYSTEM_ACTOR, occurred_at=clock.now(), request_key=f"verify:{uuid4()}")
    for finding in found.findings:
        print(f"{finding.fault} {finding_words(finding)}")
    print(
        f"验了 {found.checked} 张凭证，其中 {found.waiting} 张还没封存；链到第 {found.position} 位，"
        f"链值 (root) {found.root.hex()}；{len(found.findings)} 处不符"
    )
    return 0 if found.is_whole else 1


def _export(options: argparse.Namespace) -> int:
    from uuid import uuid4

    from yiyuan.apps.ledger.exporting import export_ledger
    from yiyuan.apps.ledger.sealing import anchor_chain
    from yiyuan.interfaces import clock
    from yiyuan.kernel.actor import SYSTEM_ACTOR

    folder, now, key = options.folder, clock.now(), f"export:{uuid4()}"
    if folder.exists():
        print(f"{folder} 已经在了；请给一个新文件夹 (give a new folder)", file=sys.stderr)
        return 1
    anchor_chain(actor=SYSTEM_ACTOR, anchored_at=now, request_key=f"{key}:anchor")
    exported = export_ledger(folder=folder, actor=SYSTEM_ACTOR, occurred_at=now, request_key=key)
    print(
        f"{folder}：{exported.entries} 张凭证，链到第 {exported.position} 位，链值 (root) {exported.root}。"
        f"核对 (check it)：python3 {folder}/verify.py"
    )
    return 0
