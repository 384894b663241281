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
    return get_figures(scope=scope)[0]


def get_funnel(*, scope: Scope) -> Funnel:
    """Return the figures of the newest run and of what people made of it; zeros before the first run."""
    return get_figures(scope=scope)[1]


def get_figures(*, scope: Scope) -> tuple[Sequence[CountyFigures], Funnel]:
    """Return `get_counties` and `get_funnel`; proposals and claims are each read once for both."""
    run = screening.get_latest_run()
    sums = _Sums(
        screened=screening.sum_run(run, scope=scope) if run else {},
        proposals=screening.sum_proposals_by_county(scope=scope),
        claims=claims.sum_by_county(scope=scope),
    )
    counties = _counties(sums, scope)
    return counties, _funnel(sums, counties)


@dataclass(frozen=True, slots=True)
class _Sums:
    screened: Mapping[tuple[str, str], tuple[int, int]]
    proposals: Mapping[str, Mapping[str, int]]
    claims: Mapping[str, Mapping[str, tuple[int, int]]]


def _counties(sums: _Sums, scope: Scope) -> Sequence[CountyFigures]:
    tiles = {county.code: (county.tile_column, county.tile_row) for county in get_terms().counties}
    figures = []
    for county in list_counties(scope=scope):
        column, row = tiles.get(county.code, (None, None))
        of_county = {reason: n for (code, reason), (n, _) in sums.screened.items() if code == county.code}
        proposed = sums.proposals.get(county.code, {})
        by_state = sums.claims.get(county.code, {})
        paid = [by_state.get(state, (0, 0)) for state in claims.PAID_STATES]
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
                filed=sum(n for n, _ in by_state.values()),
                paid=sum(n for n, _ in paid),
                declined=proposed.get("declined", 0),
                paid_fen=sum(fen for _, fen in paid),
                open_fen=proposed.get("open_fen", 0),
            )
        )
    return sorted(figures, key=lambda f: (f.tile_row is None, f.tile_row or 0, f.tile_column or 0, f.code))


def _funnel(sums: _Sums, counties: Sequence[CountyFigures]) -> Funnel:
    by_reason: dict[str, int] = {}
    for (_, reason), (n, _) in sums.screened.items():
        by_reason[reason] = by_reason.get(reason, 0) + n
    by_state: dict[str, tuple[int, int]] = {}
    for of_county in sums.claims.values():
        for state, (n, fen) in of_county.items():
            before_n, before_fen = by_state.get(state, (0, 0))
            by_state[state] = (before_n + n, before_fen + fen)
    undetermined = {r: n for r, n in by_reason.items() if r in ("needs_proof", "missing_fact")}
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
        # A proposal or a claim may lie in no county that is known; the city's sums have it all the same.
        open_count=sum(of_county["open"] for of_county in sums.proposals.values()),
        open_fen=sum(of_county["open_fen"] for of_county in sums.proposals.values()),
        not_entitled_by_reason={r: n for r, n in by_reason.items() if r not in passed},
        undetermined_by_reason=undetermined,
        claims_by_state=by_state,
    )
