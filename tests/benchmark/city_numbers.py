"""Whom one can ask for in a city to measure (测量用的号码): identity and telephone numbers of some people.

In: how many people the city has. Out: the people, spread over it, and their numbers, the same each time.
"""

from datetime import date, timedelta

from yiyuan.kernel.identity import check_character

SEEDS = 1_800  # claims made by the services; a multiple of the nine counties
SAMPLED = 2_000


def sampled_people(people: int) -> range:
    """Return the numbers of the people that `sampled_id` and `sampled_phone` know."""
    step = (people - SEEDS) // SAMPLED
    # No multiple of three: people's counties follow their numbers, and all nine shall be among them.
    step -= step % 3 == 0
    return range(SEEDS + 1, SEEDS + 1 + step * SAMPLED, step)


def sampled_id(n: int) -> str:
    """Return the identity number of a sampled person: valid, and nobody's."""
    born_on = date(1935, 1, 1) + timedelta(days=n // 1_000)
    first_17 = f"{411721 + n % 9}{born_on:%Y%m%d}{n % 1_000:03d}"
    return first_17 + check_character(first_17)


def sampled_phone(n: int) -> str:
    """Return the telephone number of a sampled person."""
    return f"138{n:08d}"
