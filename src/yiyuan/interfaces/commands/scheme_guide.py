"""`./yiyuan scheme guide` (理赔指南): the guide of a scheme version as a PDF or a web page.

In: a scheme directory, a version, desks from a CSV. Out: one file; the same input gives the same bytes.
"""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yiyuan.rules.guide.model import Guide

LANGUAGES = ("zh", "en")
PDF, HTML = ".pdf", ".html"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="方案目录 (scheme directory)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="写到 .pdf 或 .html")
    parser.add_argument(
        "--version",
        type=date.fromisoformat,
        metavar="DATE",
        help="从这一天起的版本 (version by its first day)",
    )
    parser.add_argument("--large-print", action="store_true", help="大字版 (large print)")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="语言 (language)")
    parser.add_argument("--desks", type=Path, metavar="FILE", help="网点清单 CSV：name,address,phone,hours")
    parser.add_argument("--hotline", default="", metavar="PHONE", help="服务电话 (telephone)")
    parser.add_argument(
        "--address", default="", metavar="URL", help="指南网页的公开地址，印成二维码 (printed as a QR code)"
    )
    parser.set_defaults(run_verb=run)


def run(options: argparse.Namespace) -> int:
    """Write the guide; return 1 when the scheme, the desks or the file cannot be used."""
    from yiyuan.interfaces.guide.desks import read_desks
    from yiyuan.kernel.errors import YiyuanError
    from yiyuan.rules.guide.building import build_guide
    from yiyuan.rules.holidays import BASE_FILE, load_holidays
    from yiyuan.rules.scheme_file.loading import load_scheme
    from yiyuan.runtime.places import CHECKOUT

    if options.out.suffix not in (PDF, HTML):
        print(f"--out 应以 .pdf 或 .html 结尾，写的是 {options.out}", file=sys.stderr)
        return 1
    try:
        desks = read_desks(options.desks) if options.desks is not None else ()
        version = load_scheme(options.directory, options.version)
        holidays = load_holidays(CHECKOUT / "schemes" / BASE_FILE)
        guide = build_guide(version, holidays, options.language, desks=desks, hotline=options.hotline)
        drawn = _drawn(guide, options.out.suffix, large_print=options.large_print, address=options.address)
        options.out.write_bytes(drawn)
    except (YiyuanError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.out}：{guide.title}，版本 {guide.version}，{len(guide.clauses)} 条条款")
    return 0


def _drawn(guide: "Guide", suffix: str, *, large_print: bool, address: str) -> bytes:
    from yiyuan.interfaces.guide.page import render_page, style_text
    from yiyuan.interfaces.guide.paper import render_paper

    if suffix == PDF:
        return render_paper(guide, large_print=large_print, address=address)
    return render_page(guide, large_print=large_print, style=style_text()).encode()
