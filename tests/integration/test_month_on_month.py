"""Month on month: a new list against the last one, questions about past decisions, an import taken back."""

from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    CLERK,
    DESK,
    key,
    make_account,
    make_city,
    make_settlement,
    make_status,
    opened,
    say,
)
from tests.integration.test_money import paid
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims.errors import MoneyUnderWay, QuestionAnswered, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim, Question, Recovery
from yiyuan.apps.claims.questions import answer_question, list_questions
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.intake.errors import ImportRested, ListOutdated
from yiyuan.apps.intake.lists import apply_list
from yiyuan.apps.intake.models import ImportJob, ListChange
from yiyuan.apps.intake.running import ImportResult, import_file
from yiyuan.apps.intake.services import undo_import
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.models import HardshipStatus, HeadCount, Person, Settlement
from yiyuan.apps.screening.models import Proposal
from yiyuan.apps.screening.services import run_screening
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.identity import check_character

pytestmark = pytest.mark.django_db

HEADER = "姓名,身份证号,县区,乡镇,享受起始,停发月\n"


def number(serial: int, *, county: str = "411724") -> str:
    first = f"{county}19520304{serial:03d}"
    return first + check_character(first)


def row(serial: int, start: str = "2018-07-01", end: str = "", *, county: str = "正阳县") -> str:
    return f"某{serial},{number(serial)},{county},熊寨镇,{start},{end}\n"


def bring(folder: Path, name: str, *rows: str, whole: bool = False, on: str = "2019-11-20") -> ImportResult:
    path = folder / name
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return import_file(
        path=path,
        kind="hardship",
        group="subsistence_allowance",
        actor=CLERK,
        occurred_at=AT,
        request_key=key(),
        is_whole_list=whole,
        as_of_on=date.fromisoformat(on) if whole else None,
    )


def changes(job_id: int) -> set[tuple[str, str]]:
    names = dict(Person.objects.values_list("pk", "name"))
    return {(c.kind, names[c.person_id]) for c in ListChange.objects.filter(job_id=job_id)}


def in_force(name: str) -> list[tuple[str, str | None]]:
    rows = HardshipStatus.objects.filter(person__name=name, superseded_at=None).order_by("valid_from")
    return [(str(r.valid_from), str(r.valid_to) if r.valid_to else None) for r in rows]


def test_a_whole_list_tells_who_joined_left_and_changed(tmp_path: Path) -> None:
    make_city()
    bring(tmp_path, "10月.csv", row(1), row(2), row(3), row(4, end="2019-06"))

    job = bring(tmp_path, "11月.csv", row(1), row(3, start="2018-10-01"), row(5), whole=True)

    # 4 had gone before and is neither; 2 is still in force until a clerk has looked.
    assert changes(job.job_id) == {("joined", "某5"), ("left", "某2"), ("changed", "某3")}
    assert in_force("某2") == [("2018-07-01", None)]


def test_leavers_are_ended_only_when_a_clerk_says_so(tmp_path: Path) -> None:
    make_city()
    bring(tmp_path, "10月.csv", row(1), row(2), row(3))
    job = bring(tmp_path, "11月.csv", row(1), row(3, start="2018-10-01"), whole=True)

    ended = apply_list(job_id=job.job_id, actor=CLERK, occurred_at=AT, request_key=key())
    again = apply_list(job_id=job.job_id, actor=CLERK, occurred_at=AT, request_key=key())

    assert (ended, again) == (1, 0)
    assert in_force("某2") == [("2018-07-01", "2019-11-01")]
    assert in_force("某3") == [("2018-10-01", None)]
    old = HardshipStatus.objects.get(person__name="某2", superseded_at__isnull=False)
    assert (old.valid_to, old.superseded_by_job_id) == (None, job.job_id)
    assert Entry.objects.filter(verb="apply_list", subject_id=str(job.job_id)).count() == 1


def test_a_list_that_is_not_whole_ends_nobody(tmp_path: Path) -> None:
    make_city()
    bring(tmp_path, "10月.csv", row(1), row(2))

    job = bring(tmp_path, "11月.csv", row(1))

    assert not ListChange.objects.filter(job_id=job.job_id).exists()
    assert in_force("某2") == [("2018-07-01", None)]


def test_whoever_a_refused_row_names_has_not_left(tmp_path: Path) -> None:
    make_city()
    bring(tmp_path, "10月.csv", row(1), row(2))

    job = bring(tmp_path, "11月.csv", row(1), row(2, start="2018-99-01"), whole=True)

    assert job.refused == 1
    assert changes(job.job_id) == set()


def test_a_list_of_one_county_says_nothing_of_another(tmp_path: Path) -> None:
    make_city()
    bring(tmp_path, "10月.csv", row(1), row(2, county="平舆县"))

    job = bring(tmp_path, "11月.csv", row(3), whole=True)

    assert changes(job.job_id) == {("joined", "某3"), ("left", "某1")}


def test_a_list_of_another_county_is_refused_in_plain_words(tmp_path: Path) -> None:
    make_city()
    path = tmp_path / "平舆.csv"
    path.write_text(HEADER + row(1, county="平舆县"), encoding="utf-8")

    result = import_file(
        path=path,
        kind="hardship",
        group="subsistence_allowance",
        actor=CLERK,
        occurred_at=AT,
        request_key=key(),
        is_whole_list=True,
        as_of_on=date(2019, 11, 1),
        county_code="411724",
    )

    assert result.state == "failed"
    assert "1 行是别的县区" in result.message
    assert not HardshipStatus.objects.exists()


def test_a_list_of_last_year_no_longer_ends_anybody(tmp_path: Path) -> None:
    make_city()
    bring(tmp_path, "9月.csv", row(1), row(2))
    late = bring(tmp_path, "10月.csv", row(1), whole=True, on="2018-10-20")
    newer = bring(tmp_path, "11月.csv", row(1), row(2), whole=True)
    apply_list(job_id=newer.job_id, actor=CLERK, occurred_at=AT, request_key=key())

    with pytest.raises(ListOutdated), transaction.atomic():
        apply_list(job_id=late.job_id, actor=CLERK, occurred_at=AT, request_key=key())


def decided() -> Claim:
    """Open a claim of a person whose status came with import 1, the day before the lists of these tests."""
    claim = opened()
    with connection.cursor() as cursor:
        # Number 1 is taken here by hand: the next import gets another, whichever test runs first.
        cursor.execute("SELECT nextval(pg_get_serial_sequence('intake_importjob', 'id'))")
    ImportJob.objects.get_or_create(
        pk=1,
        defaults={
            "kind": "hardship",
            "group": "subsistence_allowance",
            "file_name": "名册.csv",
            "sha256": "1",
            "state": "done",
            "started_at": AT,
        },
    )
    return claim


def correct(claim: Claim, folder: Path, end: str, name: str = "更正.csv") -> ImportResult:
    person = Person.objects.get(pk=claim.person_id)
    # The made-up number of the builders has no valid check digit: give the person one that a list may carry.
    Person.objects.filter(pk=person.pk).update(id_number=number(77), id_index=blind_index(number(77)))
    return bring(folder, name, row(77, end=end))


def test_a_lost_entitlement_is_asked_about_and_never_taken_back(tmp_path: Path) -> None:
    claim = decided()

    correct(claim, tmp_path, "2019-09")

    question = Question.objects.get()
    assert (question.state, question.old_outcome, question.old_benefit_fen) == ("open", "entitled", 80_000)
    assert (question.new_outcome, question.new_reason, question.new_benefit_fen) == (
        "not_entitled",
        "no_group_on_date",
        0,
    )
    assert [change["fact"] for change in question.changes] == ["statuses"]
    claim.refresh_from_db()
    assert (claim.state, claim.benefit_fen) == ("lodged", 80_000)


def test_a_question_lapses_where_the_facts_come_back(tmp_path: Path) -> None:
    claim = decided()
    correct(claim, tmp_path, "2019-09")

    correct(claim, tmp_path, "2019-12", "又更正.csv")

    assert Question.objects.get().state == "lapsed"


def test_what_a_person_has_kept_is_not_asked_again_for_the_same_facts(tmp_path: Path) -> None:
    claim = decided()
    correct(claim, tmp_path, "2019-09")
    kept = answer_question(
        question_id=Question.objects.get().pk,
        answer="kept",
        reason="当时在册，有低保证为凭",
        actor=APPROVER,
        occurred_at=AT,
        request_key=key(),
    )

    correct(claim, tmp_path, "2019-08", "又更正.csv")

    assert Question.objects.get().pk == kept.pk
    (shown,) = list_questions(state="kept", scope=APPROVER.scope)
    assert (shown.number, shown.answer_reason, shown.answered_by_name) == (
        claim.number,
        "当时在册，有低保证为凭",
        "复核岗",
    )


def test_withdrawing_ends_the_claim_and_needs_a_second_hand_and_a_reason(tmp_path: Path) -> None:
    claim = decided()
    correct(claim, tmp_path, "2019-09")
    question = Question.objects.get()
    words = {"question_id": question.pk, "answer": "withdrawn", "occurred_at": AT, "request_key": key()}

    with pytest.raises(RoleMissing):
        answer_question(actor=DESK, reason="不在册", **words)  # type: ignore[arg-type]
    with pytest.raises(ReasonMissing):
        answer_question(actor=APPROVER, reason=" ", **words)  # type: ignore[arg-type]
    answer_question(actor=APPROVER, reason="不在册", **words)  # type: ignore[arg-type]

    claim.refresh_from_db()
    assert claim.state == "withdrawn"
    with pytest.raises(QuestionAnswered):
        answer_question(actor=APPROVER, reason="x", **(words | {"answer": "kept", "request_key": key()}))  # type: ignore[arg-type]


def test_paid_money_is_not_withdrawn_but_recovered(tmp_path: Path) -> None:
    claim = paid()
    correct(claim, tmp_path, "2019-09")
    question = Question.objects.get()
    words = {"question_id": question.pk, "reason": "多付", "actor": APPROVER, "occurred_at": AT}

    with pytest.raises(MoneyUnderWay), transaction.atomic():
        answer_question(answer="withdrawn", request_key=key(), **words)  # type: ignore[arg-type]
    answer_question(answer="recovery", request_key=key(), **words)  # type: ignore[arg-type]

    assert (Question.objects.get().state, Claim.objects.get().state) == ("recovery", "paid")
    assert Recovery.objects.get().claim_id == claim.pk


def test_the_database_keeps_an_answer_from_losing_its_reason() -> None:
    claim = decided()
    facts = {"old_outcome": "entitled", "old_reason": "x", "old_benefit_fen": 1, "new_outcome": "y"}
    question = Question.objects.create(claim=claim, new_reason="y", new_benefit_fen=0, raised_at=AT, **facts)

    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(state="kept", answered_by="x")


def undo(job_id: int) -> int:
    return undo_import(job_id=job_id, reason="传错了", actor=CLERK, occurred_at=AT, request_key=key())


def test_an_import_is_taken_back_whole(tmp_path: Path) -> None:
    make_city()
    first = bring(tmp_path, "10月.csv", row(1), row(2, end="2019-10"))
    before = (set(Person.objects.values_list("name")), in_force("某1"), in_force("某2"))
    second = bring(tmp_path, "11月.csv", row(1), row(2, end="2019-11"), row(3))
    with pytest.raises(ImportRested, match="corrected_since"), transaction.atomic():
        undo(first.job_id)

    undo(second.job_id)

    assert (set(Person.objects.values_list("name")), in_force("某1"), in_force("某2")) == before
    assert ImportJob.objects.get(pk=second.job_id).state == "undone"
    assert undo(second.job_id) == 0
    third = bring(tmp_path, "11月.csv", row(1), row(2, end="2019-11"), row(3))
    assert third.job_id != second.job_id
    assert in_force("某2") == [("2018-07-01", "2019-11-01")]


def test_an_applied_list_is_taken_back_with_those_it_ended(tmp_path: Path) -> None:
    make_city()
    bring(tmp_path, "10月.csv", row(1), row(2))
    job = bring(tmp_path, "11月.csv", row(1), whole=True)
    apply_list(job_id=job.job_id, actor=CLERK, occurred_at=AT, request_key=key())

    undo(job.job_id)

    assert in_force("某2") == [("2018-07-01", None)]


def test_an_import_on_which_a_decision_rests_stays(tmp_path: Path) -> None:
    make_city()
    job = bring(tmp_path, "10月.csv", row(1))
    person = Person.objects.get()
    make_account(person)
    make_settlement(person)
    run_screening(actor=CLERK, started_at=AT, request_key=key())
    open_from_proposal(proposal_id=Proposal.objects.get().pk, actor=DESK, occurred_at=AT, request_key=key())

    with pytest.raises(ImportRested) as refused, transaction.atomic():
        undo(job.job_id)

    assert (refused.value.why, refused.value.number) == ("decided", 1)
    assert in_force("某1") == [("2018-07-01", None)]


def test_open_proposals_of_an_undone_import_lapse(tmp_path: Path) -> None:
    make_city()
    job = bring(tmp_path, "10月.csv", row(1))
    person = Person.objects.get()
    make_status(person, "orphan")
    settlement = make_settlement(person)
    Settlement.objects.filter(pk=settlement.pk).update(import_job_id=job.job_id)
    run_screening(actor=CLERK, started_at=AT, request_key=key())

    undo(job.job_id)

    assert Proposal.objects.get().state == "lapsed"
    assert not Settlement.objects.exists()
    assert Person.objects.count() == 1


def test_a_corrected_head_count_comes_back(tmp_path: Path) -> None:
    make_city()

    def count(persons: int, name: str) -> ImportResult:
        path = tmp_path / name
        path.write_text(f"县区,统计日期,人数,户数\n正阳县,2019-01-01,{persons},300000\n", encoding="utf-8")
        return import_file(
            path=path, kind="headcount", group="", actor=CLERK, occurred_at=AT, request_key=key()
        )

    count(877_600, "人口.csv")
    wrong = count(8_776, "人口2.csv")
    undo(wrong.job_id)

    assert HeadCount.objects.get(superseded_at=None).persons == 877_600


def test_a_claim_said_something_to_goes_on(tmp_path: Path) -> None:
    """Keeping the old outcome leaves the claim where it was, with its next move."""
    claim = decided()
    correct(claim, tmp_path, "2019-09")

    say(claim, Verb.ASSESS, ASSESSOR)

    assert Claim.objects.get().state == "assessed"
    assert Question.objects.get().state == "open"


def test_a_claim_declined_while_a_question_hangs_over_it_leaves_nothing_to_answer(tmp_path: Path) -> None:
    claim = decided()
    correct(claim, tmp_path, "2019-09")
    say(claim, Verb.ASSESS, ASSESSOR)

    say(claim, Verb.DECLINE, APPROVER, "不在册")

    assert Question.objects.get().state == "moot"
    assert Entry.objects.filter(verb="lapse_question").count() == 1


def test_a_declined_claim_taken_up_again_is_asked_about_what_changed_meanwhile(tmp_path: Path) -> None:
    claim = decided()
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.DECLINE, APPROVER, "资料不实")
    correct(claim, tmp_path, "2019-09")
    assert not Question.objects.exists()
    say(claim, Verb.APPEAL, DESK, "有新证据")

    second = Actor("approver2", "复核二", frozenset({Role.APPROVER}), APPROVER.scope)
    say(claim, Verb.RETURN_FOR_ASSESSMENT, second, "重新核")

    assert (Question.objects.get().state, Question.objects.get().new_reason) == ("open", "no_group_on_date")


def test_a_claim_closed_without_money_is_not_asked_about(tmp_path: Path) -> None:
    claim = decided()
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.DECLINE, APPROVER, "资料不实")
    say(claim, Verb.CLOSE, APPROVER)

    correct(claim, tmp_path, "2019-09")

    assert not Question.objects.exists()


def test_an_import_for_which_a_claim_was_withdrawn_stays(tmp_path: Path) -> None:
    claim = decided()
    job = correct(claim, tmp_path, "2019-09")
    answer_question(
        question_id=Question.objects.get().pk,
        answer="withdrawn",
        reason="不在册",
        actor=APPROVER,
        occurred_at=AT,
        request_key=key(),
    )

    with pytest.raises(ImportRested) as refused, transaction.atomic():
        undo(job.job_id)

    assert (refused.value.why, refused.value.number) == ("answered", 1)
