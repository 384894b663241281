"""English pages are English: what stays Chinese on them is a name, a title or an office, listed here."""

import re
from html import unescape

import pytest
from django.test import Client

from tests.builders import AT, key, make_status, propose, say
from tests.integration.desk.money_cases import AUDITOR, answer, signed_in
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.deadlines.models import Clock
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import release_batch
from yiyuan.apps.registry.models import Person
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
# Their names say nothing of their posts, so that no post's title hides among the names.
DESK = Actor("desk", "刘志强", frozenset({Role.DESK_AGENT}), EVERYWHERE)
ASSESSOR = Actor("assessor", "陈晓梅", frozenset({Role.ASSESSOR}), EVERYWHERE)
APPROVER = Actor("approver", "张建国", frozenset({Role.APPROVER}), EVERYWHERE)
PAYER = Actor("payer", "王海燕", frozenset({Role.PAYER}), EVERYWHERE)
PAYER_2 = Actor("payer2", "赵国庆", frozenset({Role.PAYER}), EVERYWHERE)
STAFF = (DESK, ASSESSOR, APPROVER, PAYER, PAYER_2)
PERSONS = ("马秀兰", AUDITOR.name, *(actor.name for actor in STAFF))
PLACES = (
    "驻马店市",
    *("驿城区", "西平县", "上蔡县", "平舆县", "正阳县", "确山县", "泌阳县", "汝南县", "遂平县", "新蔡县"),
    *("经济开发区", "熊寨镇"),
)
BANKS = ("农商银行",)
OFFICES = (*(f"{place}人民政府" for place in PLACES), "经济开发区管委会", "民政局")
TITLES = (
    "驻马店“一元民生”扶贫救助保险项目情况",
    "驻马店“一元民生”保险报道",
    "中华人民共和国民法典",
    "中华人民共和国民法典，第 203、1259 条",
    "中华人民共和国保险法（2015 年修正）",
    "人身保险伤残评定标准（JR/T 0083-2013）",
)
# The heads of the columns that the bank writes into its file.
COLUMNS = ("指令号、结果、日期、金额",)
# The number of a claim begins with its county and the branch; the switch names the other language in itself.
NUMBERS, SWITCH = re.compile(r"正阳-医-\d{4}-\d+"), ("中文",)
NAMES = sorted((*PERSONS, *PLACES, *BANKS, *OFFICES, *TITLES, *COLUMNS, *SWITCH), key=len, reverse=True)


def in_english(actor: Actor) -> Client:
    client = signed_in(actor)
    client.post("/i18n/setlang/", {"language": "en"})
    return client


def chinese_on(client: Client, path: str) -> list[str]:
    """Return what is Chinese on a page, its attributes included, once the names are taken off."""
    page = client.get(path)
    assert page.status_code == 200
    return chinese_in(unescape(page.text))


def chinese_in(text: str) -> list[str]:
    text = NUMBERS.sub("", text)
    for name in NAMES:
        text = text.replace(name, "")
    return CHINESE.findall(text)


def lodged(**words: object) -> Claim:
    proposal = propose(**words)  # type: ignore[arg-type]  # passed on as they are
    return open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())


def claims() -> dict[str, Claim]:
    """Return claims that between them show every step of the panel and every clock that a claim has."""
    found = {"lodged": lodged(), "without account": lodged(with_account=False)}
    found["below the bound"] = lodged(residual_fen=99_999)
    found["in two groups"] = lodged()
    make_status(Person.objects.get(pk=found["in two groups"].person_id), "orphan")
    proof = propose(diagnosis="C41.9", disease="D17", outcome="undetermined", reason="needs_proof")
    found["proof seen"] = open_from_proposal(
        proposal_id=proof.pk, actor=DESK, occurred_at=AT, request_key=key(), proof_note="CT"
    )
    found["assessed"] = lodged()
    say(found["assessed"], Verb.ASSESS, ASSESSOR)
    found["declined"] = lodged()
    say(found["declined"], Verb.ASSESS, ASSESSOR)
    say(found["declined"], Verb.DECLINE, APPROVER, "paid elsewhere")
    for what in ("sent", "paid", "returned"):
        found[what] = lodged()
        say(found[what], Verb.ASSESS, ASSESSOR)
        say(found[what], Verb.APPROVE, APPROVER)
    number = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    release_batch(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())
    paid, returned = (Order.objects.get(source=found[what].number).order_no for what in ("paid", "returned"))
    said = answer(f"{paid},paid,2019-11-21,80000,,", f"{returned},failed,2019-11-21,80000,,")
    record_returns(name="r", content=said, actor=PAYER, occurred_at=AT, request_key=key())
    deliver_facts()
    return found


def test_the_scheme_page_is_english() -> None:
    assert chinese_on(in_english(DESK), "/scheme/") == []


@pytest.mark.parametrize("actor", STAFF, ids=lambda actor: actor.id)
def test_claim_pages_are_english(actor: Actor) -> None:
    client = in_english(actor)

    left = {what: chinese_on(client, f"/claims/{claim.number}/") for what, claim in claims().items()}

    assert {what: found for what, found in left.items() if found} == {}


def test_what_the_system_wrote_is_said_in_english_in_the_lists_too() -> None:
    claims()

    for actor, path in ((DESK, "/"), (DESK, "/claims/"), (PAYER, "/payments/"), (AUDITOR, "/audit/")):
        left = chinese_on(in_english(actor), path)
        assert left == [], f"{actor.id} {path}"


@pytest.mark.parametrize("diagnosis", ["N18.0", "C41.9", "J00", ""])
def test_proposal_pages_are_english(diagnosis: str) -> None:
    pk = propose(diagnosis=diagnosis).pk

    assert chinese_on(in_english(DESK), f"/proposals/{pk}/") == []


def test_the_list_of_names_hides_no_words() -> None:
    terms = get_terms()

    assert set(PLACES) >= {county.name_zh for county in terms.counties}
    assert set(OFFICES) >= {county.payer for county in terms.counties}
    assert set(TITLES) == {source.title for source in terms.sources.values()}
    assert chinese_in("条款 GROUP-1，《项目情况》，驿城区 马秀兰") == ["条款", "，《项目情况》，"]


def test_readings_and_origins_stand_in_the_language_of_the_page() -> None:
    claim, clause = lodged(), get_terms().clauses["MED-1B"]
    english, chinese = in_english(DESK), signed_in(DESK)

    assert clause.reading
    assert clause.reading_en
    for client, said, hidden in (
        (english, clause.reading_en, clause.reading),
        (chinese, clause.reading, clause.reading_en),
    ):
        for path in ("/scheme/", f"/claims/{claim.number}/"):
            page = unescape(client.get(path).text)
            assert said in page, path
            assert hidden not in page, path


@pytest.mark.parametrize(
    ("days", "clause", "said"),
    [
        (
            1,
            "TIME-2",
            "TIME-2: 1 day after the papers are complete; if that is no working day, the next one that is",
        ),
        (3, "TIME-1", "TIME-1: 3 working days, from the day after the papers are complete"),
    ],
)
def test_the_deadline_rule_is_said_in_english(days: int, clause: str, said: str) -> None:
    claim = lodged()
    Clock.objects.filter(subject=claim.number).update(limit_days=days, clause=clause, rule="原话")
    client = in_english(DESK)

    assert said in client.get(f"/claims/{claim.number}/").text
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    assert "原话" in client.get(f"/claims/{claim.number}/").text


def test_a_rule_that_the_scheme_no_longer_has_stands_as_it_was_kept() -> None:
    claim = lodged()
    Clock.objects.filter(subject=claim.number).update(limit_days=44, rule="原话")

    assert "原话" in in_english(DESK).get(f"/claims/{claim.number}/").text
