"""Where the figures of a statement come from (数从哪里来): for each line the page that has its rows.

In: a statement and one of its lines. Out: an address, empty where a line has no rows.
"""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

PAID = {
    "claims_in_month", "paid_in_month", "claims_in_year", "paid_in_year", "loss_ratio", "share_paid",
    "levered", "paid_per_hundred",
}  # fmt: skip
PREMIUM = {"premium_billed", "premium_received", "premium_open", "received_in_month"}
AGREEMENT = {
    "bond_held": "bonds", "bond_called": "calls", "promises_kept": "lights", "promises_broken": "lights",
    "share": "insurers", "expense": "money", "risk_sharing": "money", "kept": "money", "borne": "money",
    "reserve": "money",
}  # fmt: skip
MISSES = {"penalty_days", "penalty", "penalties"}
FUND = {"public_money", "left_of_fund"}


def rows_url(statement: Any, code: str, whose: str) -> str:
    """Return the address of the rows behind a line."""
    year = urlencode({"from": statement.programme_from})
    if code in PREMIUM:
        if statement.kind == statement.APPROPRIATION:
            return f"{reverse('desk:premium_county', args=[whose])}?{year}"
        return f"{reverse('desk:premium')}?{year}"
    if code in AGREEMENT:
        return f"{reverse('desk:agreement')}?{year}#{AGREEMENT[code]}"
    if code in MISSES:
        return reverse("desk:statement_misses", args=[statement.number])
    month = urlencode({"month": f"{statement.month:%Y-%m}"})
    if code in PAID or code in FUND:
        return f"{reverse('desk:ledger_card', args=['paid' if code in PAID else 'fund'])}?{month}"
    return f"{reverse('desk:ledger')}?{month}" if code == "waiting" else ""
