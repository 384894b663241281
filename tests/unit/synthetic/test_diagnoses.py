"""The case mix: what the generator expects of a code is what the default scheme says of it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest

from yiyuan.rules.diseases import match_disease
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.rules.terms import Disease
from yiyuan.synthetic.diagnoses import Diagnosis, draw_listed, draw_other

SCHEME = Path(__file__).resolve().parents[3] / "schemes" / "zhumadian-yiyuan"
ON = date(2019, 6, 1)


@pytest.fixture(scope="module")
def diseases() -> tuple[Disease, ...]:
    return tuple(load_scheme(SCHEME, date(2019, 1, 1)).diseases)


@pytest.mark.parametrize("draw", [draw_listed, draw_other])
@pytest.mark.parametrize("is_female", [False, True])
def test_the_scheme_agrees_with_every_drawn_diagnosis(
    diseases: tuple[Disease, ...], draw: Callable[..., Diagnosis], *, is_female: bool
) -> None:
    random = Random(5)
    codes = set()
    for _ in range(2_500):
        age = random.randrange(95)
        diagnosis = draw(random, age=age, is_female=is_female)
        codes.add(diagnosis.code)

        match = match_disease(
            diseases, diagnosis.code, date(ON.year - age, 1, 1), "2" if is_female else "1", ON
        )

        assert match.missing is None
        assert (match.disease is not None) == diagnosis.is_listed, (diagnosis.code, age)
        assert diagnosis.needs_proof == (match.disease is not None and match.disease.needs_proof)
    assert len(codes) > 20
