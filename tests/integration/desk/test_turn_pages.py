"""Each hard turn has its place on screen: seen by who may, done by who may, and said in plain words."""

import pytest

from tests.builders import APPROVER, ASSESSOR, CLERK, DESK, PAYER, key, make_account, opened, propose
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in
from tests.integration.desk.turn_cases import PAPER, held_for_holder, let_years_pass, make_turns
from yiyuan.apps.accounts.models import CodeChange
from yiyuan.apps.claims.models import Claim, HolderConsent
from yiyuan.apps.registry.models import NameSaid, PaperBill, Person
from yiyuan.apps.screening.models import Proposal, Telling
from yiyuan.interfaces.desk.pages.notice import short_text

pytestmark = pytest.mark.django_db


# --- a paper bill


def test_the_desk_types_in_a_bill_and_is_led_to_its_proposal() -> None:
    person = Person.objects.get(pk=propose().person_id)
    Proposal.objects.all().delete()
    person.settlements.all().delete()
    client = signed_in(DESK)

    assert f"/people/{person.pk}/paper/" in client.get(f"/people/{person.pk}/").text
    answer = client.post(f"/people/{person.pk}/paper/", {**PAPER, "request_key": key()}, follow=True)

    bill = PaperBill.objects.get()
    assert "照纸质票据录入" in answer.text
    assert "窗口照纸质票据录入" in answer.text
    assert Proposal.objects.get(setl_id=bill.settlement.setl_id).benefit_fen == 80_000
    assert "纸质票据" in client.get(f"/people/{person.pk}/").text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("discharged_on", "2019-10-01", "出院日应不早于入院日"),
        ("discharged_on", "2019-12-01", "出院日还没有到"),
        ("total_fen", "很多", "应是元，最多两位小数"),
        ("eligible_fen", "99999.99", "不应大于总费用"),
        ("hifp_pay_fen", "-1", "金额不能是负数"),
        ("kept_at", "", "必填"),
    ],
)
def test_a_wrong_bill_says_what_would_be_right_and_keeps_nothing(field: str, value: str, says: str) -> None:
    person_id = propose().person_id

    answer = signed_in(DESK).post(
        f"/people/{person_id}/paper/", {**PAPER, field: value, "request_key": key()}
    )

    assert answer.status_code == 422
    assert says in answer.text or says == "必填"
    assert not PaperBill.objects.exists()


def test_a_stay_that_is_there_is_not_typed_again() -> None:
    person_id = propose().person_id

    answer = signed_in(DESK).post(f"/people/{person_id}/paper/", {**PAPER, "request_key": key()})

    assert answer.status_code == 422
    assert "这次住院已经有了" in answer.text
    assert not PaperBill.objects.exists()


# --- names


def test_a_person_decides_between_names_on_the_file() -> None:
    turns = make_turns()
    client, said = signed_in(CLERK), NameSaid.objects.get()
    address = f"/names/{said.pk}/decide/"

    page = client.get(f"/people/{turns.person.pk}/").text
    client.post(address, {"answer": "adopt", "reason": "", "request_key": key()})
    assert Person.objects.get(pk=turns.person.pk).name == "马秀兰"
    client.post(address, {"answer": "adopt", "reason": "看了身份证", "request_key": key()})

    assert "导入 7 写的是 马秀南，我们原来是 马秀兰" in page
    assert Person.objects.get(pk=turns.person.pk).name == "马秀南"
    assert "看了身份证" in client.get(f"/people/{turns.person.pk}/").text


# --- the notice


def test_the_notice_is_printed_told_and_kept() -> None:
    turns = make_turns()
    client, address = signed_in(DESK), f"/proposals/{turns.declined.pk}/notice/"

    before = client.get(f"/proposals/{turns.declined.pk}/").text
    page = client.get(address)
    client.post(f"{address}told/", {"channel": "sms", "request_key": key()})
    after = client.get(f"/proposals/{turns.declined.pk}/").text

    assert "还没有告知本人" in before
    for words in ("不是本人住院", "MED-1B", "不同意怎么办", "正阳县民政局"):
        assert words in page.text, words
    assert len(page.context["sms"]) <= 70
    assert Telling.objects.get().text == page.context["sms"]
    assert "已告知本人" in after
    assert "还没有告知本人" not in after


def test_without_a_channel_nothing_is_kept_and_an_open_proposal_has_no_notice() -> None:
    turns = make_turns()
    client = signed_in(DESK)

    wrong = client.post(f"/proposals/{turns.declined.pk}/notice/told/", {"request_key": key()})

    assert wrong.status_code == 422
    assert "请选怎么告知的" in wrong.text
    assert not Telling.objects.exists()
    assert client.get(f"/proposals/{turns.on_paper.pk}/notice/").status_code == 404


def test_a_text_message_never_loses_the_way_to_appeal() -> None:
    text = short_text(
        name="阿卜杜热合曼·买买提",
        stay="10月28日住院",
        reason="病历上写的病不在约定的三十三种病里面，出院小结和诊断证明都看过了",
        clause="MED-1B",
        place="正阳县民政局",
    )

    assert len(text) == 70
    assert text.endswith("不服请到正阳县民政局申诉。")
    assert "因病历上写的" in text


def test_an_appeal_opens_the_proposal_again() -> None:
    turns = make_turns()
    client = signed_in(APPROVER)

    client.post(f"/proposals/{turns.declined.pk}/appeal/", {"reason": "补了住院证明", "request_key": key()})

    assert Proposal.objects.get(pk=turns.declined.pk).state == "open"
    assert "补了住院证明" in client.get(f"/proposals/{turns.declined.pk}/").text


# --- undoing, and whose account


def test_the_desk_undoes_a_confirmation_and_lands_on_the_proposal() -> None:
    claim = opened()
    client = signed_in(DESK)

    assert "撤销确认，退回拟赔名单" in client.get(f"/claims/{claim.number}/").text
    answer = client.post(
        f"/claims/{claim.number}/undo/", {"reason": "认错了人", "request_key": key()}, follow=True
    )

    assert answer.redirect_chain[-1][0] == f"/proposals/{claim.proposal_id}/"
    assert "认错了人" in answer.text
    assert "确认并立案" in answer.text
    assert Claim.objects.get(pk=claim.pk).state == "withdrawn"


def test_who_may_not_undo_sees_no_way_to() -> None:
    claim = opened()

    for actor in (ASSESSOR, PAYER, APPROVER):
        assert "撤销确认" not in signed_in(actor).get(f"/claims/{claim.number}/").text


def test_an_account_in_anothers_name_says_why_and_shows_the_ways_out() -> None:
    claim = held_for_holder()
    client = signed_in(DESK)

    page = client.get(f"/claims/{claim.number}/").text
    held = signed_in(PAYER).get("/payments/").text
    client.post(f"/claims/{claim.number}/holder/", {"reason": "书面委托", "request_key": key()})

    assert "户名 李大山 和参保人 李小童 不一样，先不付款" in page
    assert "参保人未成年" in page
    assert "户名不是本人，先不付" in held
    assert HolderConsent.objects.get(claim=claim).reason == "书面委托"
    assert "有 1 件、800.00 元可以付" in signed_in(PAYER).get("/payments/").text


def test_an_own_account_is_not_asked_about() -> None:
    claim = opened()
    make_account(Person.objects.get(pk=claim.person_id))

    page = signed_in(DESK).get(f"/claims/{claim.number}/").text

    assert "先不付款" not in page
    assert "参保人未成年" not in page


# --- late


def test_a_late_case_says_so_and_is_still_decided_by_a_person() -> None:
    proposal = propose()
    client = signed_in(DESK)
    before = client.get(f"/proposals/{proposal.pk}/").text
    let_years_pass()

    page = client.get(f"/proposals/{proposal.pk}/").text
    client.post(f"/proposals/{proposal.pk}/decide/", {"decision": "confirm", "request_key": key()})

    assert "年度已经结束" not in before
    assert "2019 年度已经结束" in page
    assert "晚报本身不是不赔的理由（保险法第 21 条、第 26 条）" in page
    claim = Claim.objects.get(proposal_id=proposal.pk)
    assert claim.benefit_fen == 80_000
    assert "2019 年度已经结束" in client.get(f"/claims/{claim.number}/").text


# --- codes


def test_an_administrator_keeps_a_changed_code() -> None:
    client = signed_in(ADMINISTRATOR)
    words = {
        "old_code": "411724",
        "new_code": "411794",
        "new_name": "正阳区",
        "changed_on": "2019-12-01",
        "source": "省政府批复",
    }

    wrong = client.post("/divisions/", {**words, "old_code": "419999", "request_key": key()})
    client.post("/divisions/", {**words, "request_key": key()})

    assert wrong.status_code == 422
    assert "没有这个旧代码的县区" in wrong.text
    assert CodeChange.objects.get().new_code == "411794"
    assert "正阳区" in client.get("/divisions/").text
