"""Putting a scheme in force: no fault, all accepted by name, two persons, and then frozen."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test import override_settings

from tests.builders import APPROVER, AT, CLERK, key, make_city
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.registry.models import City
from yiyuan.apps.schemes import errors
from yiyuan.apps.schemes.adopting import approve_version, propose_version
from yiyuan.apps.schemes.models import Adoption
from yiyuan.apps.schemes.queries import Standing, list_standings, list_terms
from yiyuan.interfaces.commands.invented_officers import put_scheme_in_force
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.acceptance import to_accept

pytestmark = pytest.mark.django_db

TUTORIAL = Path(__file__).parents[1] / "schemes-of-others" / "qingshi-tutorial"
FIRST_DAY = date(2027, 1, 1)
HEAD = Actor("head", "管理员", frozenset({Role.ADMINISTRATOR}), EVERYWHERE)


def copy_of_the_tutorial(folder: Path) -> Path:
    """Write the tutorial's scheme into a directory of schemes and return its version file."""
    target = folder / "qingshi-tutorial"
    (target / "golden").mkdir(parents=True)
    for name in ("2027-01-01.yaml", "sources.yaml", "golden/cases.yaml"):
        (target / name).write_bytes((TUTORIAL / name).read_bytes())
    return target / "2027-01-01.yaml"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    make_city()
    City.objects.update(scheme="qingshi-tutorial")
    with override_settings(SCHEMES=tmp_path):
        yield copy_of_the_tutorial(tmp_path)


def standings() -> Sequence[Standing]:
    found, faults = list_standings()
    assert not faults
    return found


def keys() -> list[str]:
    return [item.key for item in to_accept(standings()[0].terms)]


def propose(actor: Actor = HEAD, accepted: list[str] | None = None) -> Adoption:
    words = keys() if accepted is None else accepted
    return propose_version(
        valid_from=FIRST_DAY, accepted=words, actor=actor, occurred_at=AT, request_key=key()
    )


def approve(actor: Actor = APPROVER, accepted: list[str] | None = None) -> Adoption:
    words = keys() if accepted is None else accepted
    return approve_version(
        valid_from=FIRST_DAY, accepted=words, actor=actor, occurred_at=AT, request_key=key()
    )


def test_two_persons_put_it_in_force(file: Path) -> None:
    propose()
    adoption = approve()

    assert (adoption.proposed_by, adoption.approved_by) == ("head", "approver")
    assert adoption.sha256 == list_terms()[0].sha256
    # The tutorial rests on one newspaper page and on one thing assumed.
    assert any("COVER-1" in words and "推定" in words for words in adoption.accepted)
    assert any("PREMIUM-1" in words and "报道" in words for words in adoption.accepted)
    entries = Entry.objects.filter(subject_id="qingshi-tutorial").order_by("id")
    assert [entry.verb for entry in entries] == ["propose_scheme", "approve_scheme"]
    assert {entry.detail["sha256"] for entry in entries} == {adoption.sha256}
    assert standings()[0].is_in_force


def test_one_person_does_not(file: Path) -> None:
    propose()

    with pytest.raises(errors.SameHands):
        approve(HEAD)

    assert not standings()[0].is_in_force
    adoption = Adoption.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Adoption.objects.filter(pk=adoption.pk).update(approved_by="head", approved_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Adoption.objects.filter(pk=adoption.pk).update(approved_by="approver")


@pytest.mark.parametrize("actor", [CLERK, Actor("x", "县里", frozenset({Role.APPROVER}))])
def test_others_do_not(file: Path, actor: Actor) -> None:
    with pytest.raises(errors.RoleMissing):
        propose(actor)

    assert not Adoption.objects.exists()


def test_each_thing_assumed_or_from_the_press_is_accepted_by_both(file: Path) -> None:
    with pytest.raises(errors.NotAccepted, match="报道"):
        propose(accepted=keys()[:1])
    propose()
    with pytest.raises(errors.NotAccepted, match="COVER-1"):
        approve(accepted=keys()[1:])

    assert not standings()[0].is_in_force


def test_a_scheme_with_a_fault_goes_no_way(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    accepted = keys()
    file.write_text(text.replace("fixed_fen: 3_000_000", "fixed_fen: 3_100_000"), encoding="utf-8")

    with pytest.raises(errors.HasFaults, match="十八周岁生日前一天溺水"):
        propose(accepted=accepted)

    assert not Adoption.objects.exists()


def test_what_was_proposed_and_changed_since_is_not_approved(file: Path) -> None:
    propose()
    file.write_text(file.read_text(encoding="utf-8") + "# 后来加的一行\n", encoding="utf-8")

    with pytest.raises(errors.NotProposed):
        approve()


def test_a_file_changed_after_it_was_put_in_force_is_refused_plainly(file: Path) -> None:
    propose()
    approve()
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "# 后来加的一行\n", encoding="utf-8")

    with pytest.raises(SchemeError, match="生效以后被改过"):
        list_terms()
    with pytest.raises(errors.AlreadyInForce):
        propose(accepted=[])

    file.write_text(text, encoding="utf-8")
    assert list_terms()[0].version == "2027-01-01"


def test_a_draft_beside_a_version_in_force_decides_nothing(file: Path) -> None:
    propose()
    approve()
    text = file.read_text(encoding="utf-8").replace(
        "from: 2027-01-01, to: 2028-01-01", "from: 2028-01-01, to: 2029-01-01"
    )
    file.with_name("2028-01-01.yaml").write_text(text, encoding="utf-8")

    assert [terms.version for terms in list_terms()] == ["2027-01-01"]
    assert [one.is_in_force for one in standings()] == [True, False]


def test_a_draft_with_a_fault_stops_nothing(file: Path) -> None:
    propose()
    approve()
    file.with_name("2028-01-01.yaml").write_text("scheme: [", encoding="utf-8")

    assert [terms.version for terms in list_terms()] == ["2027-01-01"]
    found, faults = list_standings()
    assert [one.is_in_force for one in found] == [True]
    assert "2028-01-01.yaml" in faults[0]


def test_a_file_in_force_that_is_gone_is_told(file: Path) -> None:
    propose()
    approve()
    file.rename(file.with_name("away.txt"))
    file.with_name("2028-01-01.yaml").write_text("scheme: [", encoding="utf-8")

    with pytest.raises(SchemeError, match="找不到已生效的版本"):
        list_terms()


def test_what_is_in_force_is_frozen(file: Path) -> None:
    propose()
    approve()

    for statement in (
        "UPDATE schemes_adoption SET title = 'x'",
        "UPDATE schemes_adoption SET approved_by = 'y'",
        "DELETE FROM schemes_adoption",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_of_a_proposal_only_the_approval_is_written(file: Path) -> None:
    propose()

    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE schemes_adoption SET accepted = '[]'")


def test_repeating_makes_one(file: Path) -> None:
    assert propose().pk == propose(APPROVER).pk
    approve()

    with pytest.raises(errors.AlreadyInForce):
        approve()
    assert Adoption.objects.count() == 1


def test_the_products_scheme_is_put_in_force_by_two_invented_officers() -> None:
    make_city()

    for _ in range(2):
        put_scheme_in_force(AT)

    adoption = Adoption.objects.get()
    assert (adoption.proposed_by_name, adoption.approved_by_name) == ("虚构经办人甲", "虚构经办人乙")
    assert [terms.version for terms in list_terms()] == ["2019-01-01"]
    assert Entry.objects.filter(verb="approve_scheme").count() == 1
