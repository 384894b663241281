"""`./yiyuan scheme premium` (保费账单): what each county pays in, who pays it, when, and to which insurer.

In: a scheme directory, a version, and a YAML of facts of counties that goes before the file's own head
counts. Out: the bill in words, or one JSON object; nothing is kept. Exit 1 when a fact or a payer is missing.
"""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yiyuan.rules.premium import CountyFacts, PremiumBill, PremiumLine
    from yiyuan.rules.terms import SchemeVersion


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="方案目录 (scheme directory)")
    parser.add_argument(
        "--version",
        type=date.fromisoformat,
        metavar="DATE",
        help="从这一天起的版本 (version by its first day)",
    )
    parser.add_argument(
        "--counties", type=Path, metavar="FILE", help="各县区的人数等 (facts of the counties, YAML)"
    )
    parser.add_argument("--json", action="store_true", help="一个 JSON 对象 (one JSON object)")
    parser.set_defaults(run_verb=run)


def run(options: argparse.Namespace) -> int:
    """Print the bill; return 1 when it cannot be worked out."""
    from yiyuan.kernel.errors import YiyuanError
    from yiyuan.rules.premium import own_county_facts, premium_bill
    from yiyuan.rules.scheme_file.loading import load_scheme
    from yiyuan.rules.scheme_file.reported import load_county_facts

    try:
        version = load_scheme(options.directory, options.version)
        facts: dict[str, CountyFacts] = own_county_facts(version)
        if options.counties is not None:
            said = load_county_facts(options.counties, version)
            facts |= {code: {**facts.get(code, {}), **more} for code, more in said.items()}
        bill = premium_bill(version, facts)
        told = _told(version, bill)
    except YiyuanError as error:
        print(error, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        _print(version, told)
    return 0


def _told(version: "SchemeVersion", bill: "PremiumBill") -> dict[str, Any]:
    from yiyuan.rules.premium import instalments_of

    accounts = [
        _account(version, bill, code) for code in dict.fromkeys(line.county_code for line in bill.parts)
    ]
    payers: dict[str, int] = {}
    insurers: dict[str, int] = {}
    for account in accounts:
        for line in account["payers"]:
            payers[line["name_zh"]] = payers.get(line["name_zh"], 0) + line["amount_fen"]
        for name, fen in account["insurers"].items():
            insurers[name] = insurers.get(name, 0) + fen
    return {
        "scheme": version.id,
        "version": version.version,
        "total_fen": bill.total_fen,
        "accounts": accounts,
        "payers": payers,
        "instalments": [
            {"due_on": None if due_on is None else due_on.isoformat(), "amount_fen": fen}
            for due_on, fen in instalments_of(version, bill.total_fen)
        ],
        "insurers": insurers,
        "over_ceilings": [asdict(one) for one in bill.over_ceilings],
    }


def _account(version: "SchemeVersion", bill: "PremiumBill", code: str | None) -> dict[str, Any]:
    from yiyuan.rules.insurers import insurers_of, shares_fen

    names = {county.code: county.name_zh for county in version.counties}
    sides = {"parts": _lines(bill.parts, code), "payers": _lines(bill.payers, code)}
    total_fen = sum(line["amount_fen"] for line in sides["parts"])
    carrying = insurers_of(version, code) if version.insurers is not None else ()
    shared = shares_fen(carrying, total_fen) if carrying else {}
    return {
        "county_code": code,
        "name_zh": "全方案一笔" if code is None else names.get(code, code),
        "total_fen": total_fen,
        **sides,
        "insurers": {one.name_zh: shared[one.name] for one in carrying},
    }


def _lines(lines: "Sequence[PremiumLine]", code: str | None) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "name_zh": one.name_zh, "amount_fen": one.amount_fen, "clause": one.clause}
        for one in lines
        if one.county_code == code
    ]


def _print(version: "SchemeVersion", told: dict[str, Any]) -> None:
    from yiyuan.kernel.money import yuan

    print(f"{version.title} {version.version}：一年保费 {yuan(told['total_fen'])} 元")
    for account in told["accounts"]:
        code = f" {account['county_code']}" if account["county_code"] else ""
        print(f"{account['name_zh']}{code}：{yuan(account['total_fen'])} 元")
        for line in account["payers"]:
            print(f"  {line['name_zh']} {yuan(line['amount_fen'])} 元（{line['clause']}）")
    if len(told["accounts"]) > 1:
        print("付款方合计：" + _listed(told["payers"]))
    for one in told["instalments"]:
        if one["due_on"] is not None:
            print(f"{one['due_on']} 前交 {yuan(one['amount_fen'])} 元")
    if told["insurers"]:
        print("承保：" + _listed(told["insurers"]))
    for one in told["over_ceilings"]:
        print(
            f"{one['payer']} 要出 {yuan(one['amount_fen'])} 元，"
            f"超过预算上限 {yuan(one['limit_fen'])} 元（{one['clause']}）"
        )


def _listed(sums: dict[str, int]) -> str:
    from yiyuan.kernel.money import yuan

    return "、".join(f"{name} {yuan(fen)} 元" for name, fen in sums.items())
