"""Finding by the beginning of a text (按开头找) so that the index is used under row-level security too.

PostgreSQL weighs a condition before the policy only where its function keeps secrets (leakproof). `LIKE` does
not, and would read every row; a range of the same order does, and finds the same rows.
"""

from django.db.models import Q

# Behind every text that begins alike: no name has this sign.
LAST_SIGN = "\U0010ffff"


def begins_with(field: str, text: str) -> Q:
    """Return the condition that a column of collation "C" begins so: a range of its index."""
    return Q(**{f"{field}__gte": text, f"{field}__lt": f"{text}{LAST_SIGN}"})
