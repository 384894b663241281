"""The two invented officers of a made-up city: what they settle, and what they leave for a person."""

from datetime import date

import pytest

from tests.integration.desk.money_cases import propose
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.payable import list_held_claims
from yiyuan.apps.claims.states import State
from yiyuan.apps.registry.models import Account
from yiyuan.interfaces.commands.invented_officers import work_through
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.runtime.progress import Progress

pytestmark = pytest.mark.django_db


def test_an_account_in_anothers_name_is_left_for_a_person_and_the_others_are_paid() -> None:
    proposals = [propose(name=name) for name in ("马秀兰", "李凤英", "王桂花")]
    Account.objects.filter(person_id=proposals[1].person_id).update(holder_name="别人")

    work_through(date(2019, 11, 20), Progress())

    held = list_held_claims(scope=EVERYWHERE)
    assert [claim.person_id for claim in held] == [proposals[1].person_id]
    paid = Claim.objects.filter(state=State.PAID).values_list("person_id", flat=True)
    assert set(paid) == {proposals[0].person_id, proposals[2].person_id}
