"""The figures of the path from screening to payment (从筛查到到账), city-wide and by county; sums in fen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiyuan.apps.claims import queries as claims
from yiyuan.apps.registry.queries import list_counties
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening import queries as screening
from yiyuan.kernel.scope import Scope

ENTITLED, ALREADY_CLAIMED = "entitled", "already_claimed"


@dataclass(frozen=True, slots=True)
class CountyFigures:
    """How far a county is: entitled admissions, those filed and paid here, those paid before, and the money.

    `tile_column` and `tile_row` place it on the tile map; None where the scheme gives it no tile.
    """

    code: str
    name: str
    in_pool: bool
    tile_column: int | None
    tile_row: int | None
    screened: int
    entitled: int
    already_claimed: int
    filed: int
    paid: int
    declined: int
    paid_fen: int
    open_fen: int

    @property
    def unpaid(self) -> int:
        """Return how many entitled admissions have not been paid nor declined by a person."""
        return max(self.entitled - self.paid - self.declined, 0)

    @property
    def paid_share_bp(self) -> int | None:
        """Return paid over eligible in basis points, earlier payments on both sides; None without any."""
        eligible = self.entitled + self.already_claimed
        return (self.paid + self.already_claimed) * 10_000 // eligible if eligible else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """From screening to payment over a scope; every gap names its causes by reason."""

    screened: int
    entitled: int
    already_claimed: int
    undetermined: int
    filed: int
    paid: int
    declined: int
    paid_fen: int
    open_count: int
    open_fen: int
    not_entitled_by_reason: Mapping[str, int]
    undetermined_by_reason: Mapping[str, int]
    claims_by_state: Mapping[str, tuple[int, int]]


def get_counties(*, scope: Scope) -> Sequence[CountyFigures]:
    """Return the figures of each county of a scope, north to south on the tile map, those off it last."""
    run = screening.get_latest_run()
    counts = screening.sum_run(run, scope=scope) if run else {}
    proposals = screening.sum_proposals_by_county(scope=scope)
    filed = claims.sum_by_county(scope=scope)
    tiles = {county.code: (county.tile_column, county.tile_row) for county in get_terms().counties}
    figures = []
    for county in list_counties(scope=scope):
        column, row = tiles.get(county.code, (None, None))
        of_county = {reason: n for (code, reason), (n, _) in counts.items() if code == county.code}
        proposed = proposals.get(county.code, {})
        claimed = filed.get(county.code, {})
        figures.append(
            CountyFigures(
                code=county.code,
                name=county.name,
                in_pool=county.in_pool,
                tile_column=column,
                tile_row=row,
                screened=sum(of_county.values()),
                entitled=of_county.get(ENTITLED, 0),
                already_claimed=of_county.get(ALREADY_CLAIMED, 0),
                filed=claimed.get("filed", 0),
                paid=claimed.get("paid", 0),
                declined=proposed.get("declined", 0),
                paid_fen=claimed.get("paid_fen", 0),
                open_fen=proposed.get("open_fen", 0),
            )
        )
    return sorted(figures, key=lambda f: (f.tile_row is None, f.tile_row or 0, f.tile_column or 0, f.code))


def get_funnel(counties: Sequence[CountyFigures] | None = None, *, scope: Scope) -> Funnel:
    """Return the figures of the newest run and of what people made of it; zeros before the first run.

    `counties` are those of `get_counties`, for a caller that has them already.
    """
    run = screening.get_latest_run()
    by_reason: dict[str, int] = {}
    for (_, reason), (n, _) in (screening.sum_run(run, scope=scope) if run else {}).items():
        by_reason[reason] = by_reason.get(reason, 0) + n
    counties = get_counties(scope=scope) if counties is None else counties
    undetermined = {r: n for r, n in by_reason.items() if r in ("needs_proof", "missing_fact")}
    open_count, open_fen = screening.count_proposals(screening.ProposalFilter(), scope=scope)
    passed = {ENTITLED, ALREADY_CLAIMED, *undetermined}
    return Funnel(
        screened=sum(by_reason.values()),
        entitled=by_reason.get(ENTITLED, 0),
        already_claimed=by_reason.get(ALREADY_CLAIMED, 0),
        undetermined=sum(undetermined.values()),
        filed=sum(county.filed for county in counties),
        paid=sum(county.paid for county in counties),
        declined=sum(county.declined for county in counties),
        paid_fen=sum(county.paid_fen for county in counties),
        open_count=open_count,
        open_fen=open_fen,
        not_entitled_by_reason={r: n for r, n in by_reason.items() if r not in passed},
        undetermined_by_reason=undetermined,
        claims_by_state=claims.count_by_state(scope=scope),
    )
