"""Numbers of papers (文号): one after the other in a kind, county and year, without a gap."""

from django.db import connection

NEXT = """INSERT INTO underwriting_paperseries (kind, county_code, year, last) VALUES (%s, %s, %s, 1)
ON CONFLICT (kind, county_code, year) DO UPDATE SET last = underwriting_paperseries.last + 1 RETURNING last"""


def next_number(kind: str, county_code: str, year: int) -> str:
    """Return the next number, such as `BF-2019-411724-001`, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [kind, county_code, year])
        (last,) = cursor.fetchone()
    place = f"{county_code}-" if county_code else ""
    return f"{kind}-{year}-{place}{last:03d}"


def take_turn(county_code: str, what: str) -> None:
    """Let one thing of a county be written by one at a time, until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{county_code}:{what}"])
