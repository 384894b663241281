"""Settlements already paid or in hand (已赔付结算号): a list of settlement numbers.

In: the raw cells. Out: `setl_id`, each once.
"""

from yiyuan.exchange.cleaning import squeeze
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts


def rules(_: SheetFacts) -> Rules:
    """Return how the rows of this list are cleaned and refused."""
    return Rules(
        stages=({"setl_id": f"ltrim({squeeze('r_setl_id')}, '''’‘`')"},),
        checks=(
            Check("missing", "setl_id", "setl_id IS NULL"),
            Check("unreadable", "setl_id", "regexp_matches(setl_id, '^[0-9.]+E[+][0-9]+$')"),
        ),
    )


KIND = Kind(
    name="claimed",
    label="已赔付结算号",
    needs=(("setl_id",),),
    keys=("setl_id",),
    canonical=("setl_id",),
    columns={"setl_id": "VARCHAR"},
    unique=("setl_id",),
    rules=rules,
    not_also=("settlements",),
)
