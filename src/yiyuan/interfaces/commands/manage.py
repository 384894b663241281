"""`./yiyuan manage`: Django's own commands, over the city's database (管理命令).

In: the words after `manage`. Out: what Django's command prints; its exit code.
"""

import argparse

from yiyuan.interfaces.commands.refusals import told_plainly

# What changes tables runs as their owner; everything else as the application's plain role.
COMMANDS_OF_THE_OWNER = frozenset({"migrate", "makemigrations", "showmigrations", "flush", "sqlflush"})


def configure(parser: argparse.ArgumentParser) -> None:
    """Take every word as it stands, also those that look like options: they are Django's."""
    parser.prefix_chars = "\0"
    parser.add_argument("words", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace) -> int:
    """Run one of Django's commands while the database is up."""
    return told_plainly(lambda: _manage(options.words))


def _manage(words: list[str]) -> int:
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.surroundings import enter

    with running_database() as urls:
        enter(urls, as_owner=bool(words) and words[0] in COMMANDS_OF_THE_OWNER)
        from django.core.management import execute_from_command_line

        execute_from_command_line(["./yiyuan manage", *words])
    return 0
