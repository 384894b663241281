"""Desk and table give the same: every step of the rule in every reading, and the lookups around it.

The rule runs once a row on the desk and once over a table in DuckDB; each step's amount and clause must be
equal. Planted faults show that the comparison notices what it is there to notice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
from sqlglot import exp
from sqlglot.expressions import Expr

from yiyuan.batch import sql
from yiyuan.batch.algebra import TableAlgebra
from yiyuan.batch.run import ScreenRequest, screen
from yiyuan.kernel.period import Period
from yiyuan.rules.algebra import DeskAlgebra
from yiyuan.rules.eligibility import Settlement, Spell, decide
from yiyuan.rules.medical_benefit import medical_benefit
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.rules.terms import MedicalTerms, Reading, SchemeVersion

SCHEME = load_scheme(Path(__file__).parents[2] / "schemes" / "zhumadian-yiyuan")
READINGS = tuple(SCHEME.top_up.readings)
EDGES = (0, 1, 2, 3, 99_999, 100_000, 100_001, 149_999, 150_000, 159_999, 160_000, 160_001, 10**11)
Facts = dict[str, int]
Steps = list[tuple[str, int, str]]


def _bills(seed: int, count: int) -> list[Facts]:
    dice = Random(seed)
    bills: list[Facts] = []
    for _ in range(count):
        eligible = dice.choice((*EDGES, dice.randrange(300_000), -dice.randrange(300_000)))
        paid = [
            dice.choice((0, 0, 1, dice.randrange(60_000), -dice.randrange(900))) for _ in SCHEME.top_up.payers
        ]
        bills.append({SCHEME.top_up.eligible: eligible, **dict(zip(SCHEME.top_up.payers, paid, strict=True))})
    return bills


def _desk_steps(terms: MedicalTerms, reading: Reading, bills: Sequence[Facts]) -> list[Steps]:
    steps: list[Steps] = []
    for bill in bills:
        desk = DeskAlgebra(bill)
        medical_benefit(terms, reading, desk)
        steps.append([(step.name, step.amount_fen, step.clause) for step in desk.trace])
    return steps


def _table_steps(
    terms: MedicalTerms,
    reading: Reading,
    bills: Sequence[Facts],
    algebra: TableAlgebra,
    dialect: str = "duckdb",
) -> list[Steps]:
    medical_benefit(terms, reading, algebra)
    facts = (terms.eligible, *terms.payers)
    names = [name for name, _ in algebra.steps if not name.endswith("_clause")]
    columns = ", ".join(f"{name}, {name}_clause" for name in names)
    values = ", ".join(
        f"({nth}, {', '.join(str(bill[fact]) for fact in facts)})" for nth, bill in enumerate(bills)
    )
    typed = ", ".join(f"CAST({fact} AS BIGINT) AS {fact}" for fact in facts)
    bills_query = f"SELECT nth, {typed} FROM (VALUES {values}) AS bills (nth, {', '.join(facts)})"
    with duckdb.connect() as engine:
        rows = engine.execute(
            f"SELECT {columns} FROM ({algebra.around(bills_query, dialect)}) ORDER BY nth"
        ).fetchall()
    return [list(zip(names, row[::2], row[1::2], strict=True)) for row in rows]


@pytest.mark.parametrize("name", READINGS)
@pytest.mark.parametrize("dialect", ["duckdb", "duckdb, as SQLGlot's own dialect prints it"])
def test_every_step_of_every_reading_is_equal(name: str, dialect: str) -> None:
    bills = _bills(seed=1, count=3_000)
    terms, reading = SCHEME.top_up, SCHEME.top_up.reading(name)

    algebra = TableAlgebra()
    if dialect == "duckdb":
        table = _table_steps(terms, reading, bills, algebra)
    else:
        table = _table_steps(terms, reading, bills, _WholeDialect())

    assert table == _desk_steps(terms, reading, bills)


class _WholeDialect(TableAlgebra):
    """Print by SQLGlot's DuckDB dialect, against which the product's own short printer is held."""

    def around(self, query: str, dialect: str = "duckdb") -> str:
        for name, value in self.steps:
            query = f"SELECT *, {value.sql(dialect='duckdb')} AS {name} FROM ({query})"
        return query


class _RoundsDown(TableAlgebra):
    def share(self, amount: Expr, rate_bp: int) -> Expr:
        scaled = exp.Mul(this=amount.copy(), expression=exp.convert(rate_bp))
        return exp.IntDiv(this=exp.paren(scaled), expression=exp.convert(10_000))


class _ForgetsTheFloor(TableAlgebra):
    def less(self, name: str, amount: Expr, subtrahends: Sequence[Expr], clause: str) -> Expr:
        left = amount.copy()
        for subtrahend in subtrahends:
            left = exp.Sub(this=left, expression=subtrahend.copy())
        return self._step(name, left, exp.convert(clause))


@pytest.mark.parametrize("name", READINGS)
@pytest.mark.parametrize("faulty", [_RoundsDown, _ForgetsTheFloor])
def test_a_planted_fault_is_noticed(name: str, faulty: type[TableAlgebra]) -> None:
    bills = _bills(seed=2, count=300)
    terms, reading = SCHEME.top_up, SCHEME.top_up.reading(name)

    assert _table_steps(terms, reading, bills, faulty()) != _desk_steps(terms, reading, bills)


def _world(seed: int, count: int) -> tuple[list[Settlement], dict[str, list[Spell]]]:
    """Return settlements of distinct persons, complete or not, and each person's spells."""
    dice = Random(seed)
    codes = ("C34.1", "c 91.0", "C91.1", "Q21", "C53", "D56.3", "D56.1", "A15.0", "N18.5", "Z00", "", " . ")
    births = (None, date(2004, 2, 29), date(2004, 12, 31), date(2005, 3, 1), date(1950, 1, 1))
    settlements, spells = [], {}
    for number in range(count):
        on = dice.choice((None, date(2018, 12, 20) + timedelta(dice.randrange(420))))
        amounts = _bills(number, 1)[0]
        if dice.random() < 0.1:
            amounts = {}
        settlements.append(
            Settlement(
                setl_id=f"S{number}",
                county_code=dice.choice((None, "411729", "411702")),
                diagnosis_code=dice.choice(codes),
                birth_on=dice.choice(births),
                sex=dice.choice((None, "1", "2", "9")),
                on=on,
                amounts_fen=amounts,
                is_reversed=dice.random() < 0.05,
                is_claimed=dice.random() < 0.1,
            )
        )
        spells[f"S{number}"] = [_spell(dice) for _ in range(dice.choice((1, 1, 2, 4)))]
    return settlements, spells


def _spell(dice: Random) -> Spell:
    from_on = date(2018, 6, 1) + timedelta(dice.randrange(700))
    to_on = dice.choice((None, from_on + timedelta(dice.randrange(1, 400))))
    return Spell(dice.choice(SCHEME.groups).code, Period(from_on, to_on))


def _write_world(folder: Path, settlements: Sequence[Settlement], spells: dict[str, list[Spell]]) -> None:
    columns = ("setl_id", "county_code", "diagnosis_code", "birth_on", "sex")
    facts = (SCHEME.top_up.eligible, *SCHEME.top_up.payers)
    header = [*columns, "person_id", "admitted_on", "reverses_setl_id", *facts]
    rows = []
    for one in settlements:
        cells = [getattr(one, column) for column in columns]
        amounts = [one.amounts_fen.get(fact) for fact in facts]
        rows.append([*cells, one.setl_id, one.on, "gone" if one.is_reversed else None, *amounts])
    _write_csv(folder / "settlements.csv", header, rows)
    listed = [
        [setl_id, s.group, s.valid.from_on, s.valid.to_on] for setl_id, own in spells.items() for s in own
    ]
    _write_csv(folder / "hardship.csv", ["person_id", "group", "valid_from", "valid_to"], listed)
    _write_csv(folder / "claimed.csv", ["setl_id"], [[one.setl_id] for one in settlements if one.is_claimed])


def _write_csv(path: Path, header: list[str], rows: Sequence[Sequence[object]]) -> None:
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_text("\n".join([",".join(header), *lines]) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "scheme", [SCHEME, replace(SCHEME, pool_excluded=frozenset({"411729"}))], ids=["all", "pool"]
)
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("count", [40, 600], ids=["statuses met", "statuses gathered"])
def test_the_ladder_of_the_desk_is_the_ladder_of_the_batch(
    scheme: SchemeVersion, reading: str, count: int, tmp_path: Path
) -> None:
    settlements, spells = _world(seed=count, count=count)
    if count > 100:  # many settlements of few people: their statuses are gathered first
        spells = {setl_id: own[:1] for setl_id, own in list(spells.items())[: count // 3]}
        settlements = [one for one in settlements if one.setl_id in spells] + settlements[count // 3 :]
    _write_world(tmp_path, settlements, spells)

    screen(
        ScreenRequest(
            scheme,
            (str(tmp_path / "hardship.csv"),),
            (str(tmp_path / "settlements.csv"),),
            (str(tmp_path / "claimed.csv"),),
            tmp_path / "out",
            reading=reading,
        )
    )

    shown = 'setl_id, outcome, reason, "group", disease, residual_fen, benefit_fen, clause, missing'
    with duckdb.connect() as engine:
        rows = engine.execute(
            f"SELECT {shown} FROM {sql.file(tmp_path / 'out' / 'decisions.parquet')}"
        ).fetchall()
    assert len(rows) == len(spells)
    by_id = {one.setl_id: one for one in settlements}
    for setl_id, *found in rows:
        desk = decide(scheme, by_id[setl_id], spells[setl_id], scheme.top_up.reading(reading))
        expected = [desk.outcome, desk.reason, desk.group, desk.disease, desk.residual_fen, desk.benefit_fen]
        assert found == [*expected, desk.clause, desk.missing], setl_id
