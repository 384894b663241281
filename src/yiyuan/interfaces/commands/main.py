"""The command line (命令行): a table of commands, each a module that configures its parser and runs.

In: the words after `./yiyuan`. Out: an exit code: 0 done, 1 refused or failed with a message, 2 wrong use.
"""

import argparse
import io
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS: dict[str, str] = {
    "run": "从头跑通一座城市,打开网站 (the main job, then the site)",
    "screen": "用文件筛查谁应赔未赔 (who is entitled and unpaid, from files)",
    "assess": "按方案逐案理算 (decide cases from a YAML file)",
    "scheme": "检查方案文件 (check a scheme directory)",
    "ledger": "封存、验链、审计导出 (seal and verify the ledger, export it)",
    "import": "读入部门文件 (read department files)",
    "test": "运行测试 (run the tests)",
    "check": "格式、类型、结构、快速测试 (format, types, structure, quick tests)",
    "bench": "性能测量 (benchmarks)",
    "soak": "长跑:随机故障和模型对照 (the long fault and fuzz runs)",
    "golden": "只跑手算案例 (worked cases only)",
    "fix": "整理格式 (format the code)",
    "backup": "备份到一个文件 (back up into one file)",
    "restore": "从备份恢复 (restore from a backup)",
    "manage": "Django 管理命令 (Django's own commands)",
}


def main(words: Sequence[str]) -> int:
    """Run one command and return its exit code; only the chosen command's module is imported."""
    _say_any_text()
    parser = argparse.ArgumentParser(prog="./yiyuan", description="一元民生救助保险")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    chosen = words[0] if words else ""
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        if name == chosen:
            import_module(_module(name)).configure(command)
    options = parser.parse_args(words)
    code: int = import_module(_module(options.command)).run(options)
    return code


def _say_any_text() -> None:
    # Work that is done does not fail for its last words: a terminal or a log in an old character set gets
    # the code of a character that it has not.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _module(name: str) -> str:
    # `import` is a word of the language, so its module is named after what it brings in.
    return f"yiyuan.interfaces.commands.{'import_files' if name == 'import' else name}"
