"""Listed diseases (约定病种): which listed disease a principal diagnosis stands for.

In: a diagnosis code, birth date, sex, the date that counts, and the scheme's disease rows. Out: the disease,
or the name of the fact without which it cannot be told. `docs/rules/eligibility.md` has the cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yiyuan.kernel.period import completed_years
from yiyuan.rules.terms import Disease

# Dots, and every blank that departments' files are known to carry, are ignored in a diagnosis code.
IGNORED_CHARACTERS = ". \t\r\n\u00a0\u3000"
_IGNORED = str.maketrans("", "", IGNORED_CHARACTERS)


@dataclass(frozen=True, slots=True)
class DiseaseMatch:
    """The disease that was found, or `missing`: the fact that is needed to tell; neither: not listed."""

    disease: Disease | None
    missing: str | None = None


NOT_LISTED = DiseaseMatch(None)


def normal_code(code: str) -> str:
    """Return the diagnosis code in upper case without dots and blanks."""
    return code.translate(_IGNORED).upper()


def candidate_diseases(diseases: Sequence[Disease], code: str) -> list[Disease]:
    """Return the diseases with a prefix of the normal code that do not exclude it, the longest prefix first.

    Of equally long prefixes the earlier row of the scheme comes first.
    """
    found: list[tuple[int, int, Disease]] = []
    for number, disease in enumerate(diseases):
        # Most rows fall here, by one comparison each.
        if code.startswith(disease.prefixes) and not code.startswith(disease.exclude_prefixes):
            longest = max(len(prefix) for prefix in disease.prefixes if code.startswith(prefix))
            found.append((-longest, number, disease))
    return [disease for _, _, disease in sorted(found, key=lambda entry: entry[:2])]


def match_disease(
    diseases: Sequence[Disease],
    diagnosis_code: str | None,
    birth_on: date | None,
    sex: str | None,
    on: date | None,
) -> DiseaseMatch:
    """Return the disease whose row counts and has the longest prefix of the principal diagnosis.

    A fact is missing only when the answer turns on it: a row that would win if it counts, and of which
    the absent birth date (or sex) leaves open whether it counts.
    """
    code = normal_code(diagnosis_code or "")
    if not code:
        return DiseaseMatch(None, "diagnosis_code")
    for disease in candidate_diseases(diseases, code):
        if _is_out_by_sex(disease, sex) or _is_out_by_age(disease, birth_on, on):
            continue
        missing = _open_question(disease, birth_on, sex, on)
        return DiseaseMatch(None, missing) if missing else DiseaseMatch(disease)
    return NOT_LISTED


def _is_out_by_sex(disease: Disease, sex: str | None) -> bool:
    return disease.sex is not None and sex is not None and sex != disease.sex


def _is_out_by_age(disease: Disease, birth_on: date | None, on: date | None) -> bool:
    if disease.max_age is None or birth_on is None or on is None:
        return False
    return completed_years(birth_on, on) > disease.max_age


def _open_question(disease: Disease, birth_on: date | None, sex: str | None, on: date | None) -> str | None:
    if disease.max_age is not None and birth_on is None:
        return "birth_on"
    if disease.max_age is not None and on is None:
        return "on"
    if disease.sex is not None and sex is None:
        return "sex"
    return None
