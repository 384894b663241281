"""The words for facts and terms (事实和条款用语): amounts, missing facts, their origin, clauses quoted.

In: columns, codes and clause ids. Out: text in the language of the page.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.interfaces.desk.scheme_labels import assumed_of, name_of, place_of, reading_of, text_of
from yiyuan.rules.terms import Disease, SchemeVersion

AMOUNTS: dict[str, Promise] = {
    "medfee_sumamt_fen": gettext_lazy("医疗总费用"),
    "inscp_scp_amt_fen": gettext_lazy("医保认可的费用"),
    "hifp_pay_fen": gettext_lazy("基本医保统筹已付"),
    "cvlserv_pay_fen": gettext_lazy("公务员医疗补助已付"),
    "hifes_pay_fen": gettext_lazy("企业补充医保已付"),
    "hifmi_pay_fen": gettext_lazy("居民大病保险已付"),
    "hifob_pay_fen": gettext_lazy("职工大额补助已付"),
    "maf_pay_fen": gettext_lazy("医疗救助已付"),
    "oth_pay_fen": gettext_lazy("其他基金已付"),
}
# A missing fact, and where it can be found.
FACTS: dict[str, tuple[Promise, Promise]] = {
    "admitted_on": (gettext_lazy("入院日期"), gettext_lazy("请医保局补报这次结算的入院日期，导入后再筛查")),
    "diagnosis_code": (
        gettext_lazy("主要诊断编码"),
        gettext_lazy("看出院小结或病案首页，请医保局补报后再导入"),
    ),
    "birth_on": (gettext_lazy("出生日期"), gettext_lazy("查身份证或户口簿，更正名册后再导入")),
    "sex": (gettext_lazy("性别"), gettext_lazy("查身份证或户口簿，更正名册后再导入")),
    "inscp_scp_amt_fen": (gettext_lazy("医保认可的费用"), gettext_lazy("看医保结算单，请医保局补报后再导入")),
    "county_code": (gettext_lazy("参保地"), gettext_lazy("请医保局补报参保的县区，导入后再筛查")),
    "group": (gettext_lazy("困难身份"), gettext_lazy("导入六类名册后再筛查")),
}


@dataclass(frozen=True, slots=True)
class Quote:
    """A clause restated, where it stands, how it is read, and what of it is assumed."""

    clause: str
    text: str
    place: str
    reading: str
    assumed: str


def missing_fact(name: str) -> tuple[str, str]:
    """Return a missing fact in words, and what would settle it."""
    label, remedy = FACTS.get(name, (name, _("补上后再导入")))
    return str(label), str(remedy)


def source_words(job: int | None, row: int | None) -> str:
    """Return which import told a fact and in which row; a row 0 was not kept."""
    if not row:
        return _("第 %(job)s 号导入") % {"job": job or "—"}
    return _("第 %(job)s 号导入，原文件第 %(row)s 行") % {"job": job, "row": row}


def group_name(terms: SchemeVersion, code: str) -> str:
    """Return a hardship group in words."""
    found = next((group for group in terms.groups if group.code == code), None)
    return name_of(found) if found else code


def disease_name(terms: SchemeVersion, code: str) -> str:
    """Return a listed disease in words."""
    found = find_disease(terms, code)
    return name_of(found) if found else code


def reading_name(terms: SchemeVersion, name: str) -> str:
    """Return one of the scheme's readings in words."""
    found = terms.medical.readings.get(name) if terms.medical else None
    return name_of(found) if found else name


def liability_name(terms: SchemeVersion, code: str) -> str:
    """Return one of the scheme's liabilities in words."""
    found = next((one for one in terms.liabilities if one.code == code), None)
    return name_of(found) if found else code


def quote(terms: SchemeVersion, clause_id: str, *, assumed: str = "") -> tuple[Quote, ...]:
    """Return a clause as it is shown, none where the scheme has no such clause."""
    clause = terms.clauses.get(clause_id)
    if clause is None:
        return ()
    return (
        Quote(
            clause=clause.id,
            text=text_of(clause),
            place=place_of(clause),
            reading=reading_of(clause),
            assumed=assumed or assumed_of(clause),
        ),
    )


def find_disease(terms: SchemeVersion, code: str) -> Disease | None:
    """Return a listed disease, or None."""
    return next((disease for disease in terms.diseases if disease.code == code), None)
