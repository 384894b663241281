"""`./yiyuan soak` (长跑): the long fault and fuzz runs, in the form of the benchmarks' figures.

In: names of runs, each a module of `tests/soak` with `measure()`. Out: a table, or one JSON object a line;
the figures also go to `benchmarks/results/soak-<name>.json`. 1 when a target is missed.
"""

import argparse
import sys
from importlib import import_module

from yiyuan.interfaces.commands.bench import keep_figures, measured

RUNS = {
    "year": "3,000 个小世界各活 40 步，和纯模型逐步对照 (3,000 worlds of 40 steps against a pure model)",
    "kill": "导入、立案、组批、收回单时随机杀进程，重做 50 次，结果不变 "
    "(50 months killed at random and resumed)",
    "money": "同一次提交一万遍、两人抢批、一份预算 64 人抢、预算和纯模型对照 "
    "(races over money, budgets against a pure model)",
    "payments": "付款时随机杀网站、后台、数据库 1,000 次，一笔不丢、不重付 "
    "(payment runs killed 1,000 times: nothing lost, nobody paid twice)",
    "desks": "五十个窗口同时办事十分钟，没有一页出错 (fifty desks at work for ten minutes, no page breaks)",
    "ledger": "背着系统改账里一行，改 1,000 次，次次指出是哪一行 "
    "(one row changed by SQL, 1,000 times, named each time)",
}

COUNTED = frozenset({"money", "payments"})  # whose number can be said
TIMED = frozenset({"kill", "payments"})  # whose length can be said


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options; the help lists every run."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(f"  {name}  {what}" for name, what in RUNS.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"跑哪些：{' '.join(RUNS)}；不写就全跑")
    parser.add_argument("--quick", action="store_true", help="只跑十分之一，约十分钟 (a tenth of it)")
    parser.add_argument(
        "--times",
        type=int,
        metavar="N",
        help="payments 杀多少次，不写是 1,000；money 的模型走多少遍，不写是 20,000"
        " (kills of the payment runs; runs of money's model)",
    )
    parser.add_argument(
        "--minutes",
        type=int,
        metavar="M",
        help="kill、payments 跑够多少分钟就收尾，做了多少次照实写 (stop killing after so many minutes)",
    )
    parser.add_argument("--json", action="store_true", help="一行一个 JSON 对象 (one object a line)")


def run(options: argparse.Namespace) -> int:
    """Run the named soaks, or all; 0 when every target is met."""
    from yiyuan.runtime.places import CHECKOUT

    sys.path.insert(0, str(CHECKOUT))
    unknown = [name for name in options.names if name not in RUNS]
    if unknown:
        print(f"没有这项长跑：{'、'.join(unknown)}；有的是 {'、'.join(RUNS)}", file=sys.stderr)
        return 2
    is_met = True
    for name in options.names or RUNS:
        module = import_module(f"tests.soak.{name}")
        said = {"times": options.times} if name in COUNTED else {}
        said |= {"minutes": options.minutes} if name in TIMED else {}
        figures = list(measured(module.measure(options.quick, **said), as_json=options.json))
        keep_figures(CHECKOUT, f"soak-{name}", figures)
        is_met = is_met and all(figure.met for figure in figures)
    return 0 if is_met else 1
