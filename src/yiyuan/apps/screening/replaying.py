"""Replaying the city's past under a draft (按新方案重算本市数据): a read; nothing is written to the city.

In: two scheme versions. Out: the comparison of `yiyuan.batch.replay` over every settlement of the registry,
which is what claims and open proposals rest on.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from yiyuan.apps.registry.export import write_registry
from yiyuan.apps.screening.errors import NothingToScreen
from yiyuan.batch.replay import ReplayRequest, replay
from yiyuan.rules.terms import SchemeVersion


def replay_registry(*, old: SchemeVersion, new: SchemeVersion, out: Path | None = None) -> dict[str, Any]:
    """Return what the draft would have made of all that is known, sums in fen; repeating it is safe.

    :raises SchemeError: when one of the two decides nothing settlement by settlement.
    :raises NothingToScreen: there is no settlement of anybody in a register yet.
    """
    with TemporaryDirectory(prefix="yiyuan-replay-city-") as folder:
        files = write_registry(Path(folder))
        found = replay(
            ReplayRequest(
                old=old,
                new=new,
                hardship=(str(files.hardship),),
                settlements=(str(files.settlements),),
                claimed=(str(files.claimed),),
                out=out,
            )
        )
    if not found["total"]["count"]:
        raise NothingToScreen
    return found
