"""The tutorial's scheme from files to a decided case on the site, step by step as the tutorial says."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import pytest
from django.test import Client, override_settings

from tests.builders import APPROVER, CLERK, DESK, key, make_city, make_person
from tests.integration.desk.money_cases import ADMINISTRATOR
from tests.integration.desk.money_cases import signed_in as signed_in_there
from tests.integration.test_putting_in_force import copy_of_the_tutorial
from yiyuan.apps.adjudication.models import RunningTotal
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.registry.models import City
from yiyuan.apps.schemes.models import Adoption
from yiyuan.interfaces.commands.main import main
from yiyuan.kernel.actor import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    make_city()
    City.objects.update(scheme="qingshi-tutorial")
    with override_settings(SCHEMES=tmp_path):
        yield copy_of_the_tutorial(tmp_path)


def signed_in(actor: Actor) -> Client:
    client = signed_in_there(actor)
    City.objects.update(scheme="qingshi-tutorial")
    return client


def accepted(client: Client) -> list[str]:
    page = client.get("/scheme/versions/").text
    return re.findall(r'name="accepted" value="(\w+)"', page)


def put(client: Client, act: str, words: list[str]) -> str:
    data = {"version": "2027-01-01", "accepted": words, "request_key": key()}
    return client.post(f"/scheme/{act}/", data, follow=True).text


def tried(client: Client, data: Mapping[str, object]) -> str:
    return client.post("/scheme/try/", {"version": "2027-01-01", "people": "1", "homes": "0", **data}).text


BRAVE = {
    "cause": "brave_act",
    "on": "2027-07-20",
    "e-recognised_by": "county",
    "e-in_mainland": "yes",
    "p1-residence": "registered",
    "p1-disability_grade": "7",
    "p1-basic_insured": "yes",
    "p1-out_of_pocket_fen": "1000.01",
}


def test_from_files_to_a_decided_case(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Step ten: it checks without a fault.
    assert main(["scheme", "check", str(file.parent)]) == 0
    assert "没有错误" in capsys.readouterr().out

    # Step eleven: one person accepts by name and proposes, another approves.
    first, second = signed_in(ADMINISTRATOR), signed_in(APPROVER)
    words = accepted(first)
    assert len(words) == 2
    assert "还有没认下的" not in put(first, "propose", words)
    assert "已生效" in put(second, "approve", words)
    assert Adoption.objects.get().approved_by

    # The case on the site comes to what `assess` says of the same case, copied from the page.
    page = tried(signed_in(DESK), BRAVE)
    assert "24,900.01" in page
    assert "MED-1" in page
    assert "伤残鉴定书" in page
    copied = re.search(r'<textarea id="case-yaml"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert copied is not None
    case = file.parent / "copied.yaml"
    case.write_text(unescape(copied[1]), encoding="utf-8")
    assert main(["assess", "--scheme", str(file.parent), "--cases", str(case)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["benefit_fen"] == 2_490_001
    assert answer["by_benefit"] == {"disability": 2_400_000, "medical": 90_001}


def test_only_what_the_cause_turns_on_is_asked(file: Path) -> None:
    client = signed_in(DESK)

    drowned = client.get("/scheme/try/?cause=minor_drowning").text
    disaster = client.get("/scheme/try/?cause=natural_disaster").text

    assert 'name="p1-birth_on"' in drowned
    assert 'name="p1-disability_grade"' not in drowned
    assert "damage" not in drowned
    assert 'name="h1-damage"' in disaster
    assert 'name="p1-disability_grade"' in disaster
    assert 'name="e-recognised_by"' not in disaster


def test_yuan_stands_beside_the_box(file: Path) -> None:
    page = signed_in(DESK).get("/scheme/try/?cause=brave_act").text

    field = page[page.index('for="id_p1-out_of_pocket_fen"') :]
    assert field.index("<input") < field.index('id="id_p1-out_of_pocket_fen_helptext">元')
    assert "网址末尾的数字" in page


def test_a_house_alone_is_decided(file: Path) -> None:
    client = signed_in(DESK)
    facts = {"cause": "natural_disaster", "on": "2027-07-20", "people": "1", "homes": "1"}
    house = {"h1-damage": "severe", "h1-house_inside_area": "yes", "h1-is_home": "yes"}

    page = tried(client, {**facts, **house, "h1-certified_by": "emergency"})
    other = tried(client, {**facts, **house, "h1-certified_by": "hospital_2"})
    asked = tried(client, {**facts, **house})

    # A person's certificate is no household's: it is asked of the house too, and decides.
    assert "4,000.00" in page
    assert "4,000.00" not in other
    assert "还要问的" in asked


def test_several_victims_share_the_limit_of_an_event(file: Path) -> None:
    client = signed_in(DESK)
    both = {"cause": "natural_disaster", "on": "2027-07-20", "people": "1", "homes": "1", "add": "people"}

    assert 'id="p2"' in client.post("/scheme/try/", both).text

    facts = {"e-certified_by": "emergency", "e-in_mainland": "yes"}
    people = {
        f"p{n}-{name}": said for n in (1, 2) for name, said in (("residence", "registered"), ("died", "yes"))
    }
    page = tried(client, {**both, **facts, **people, "people": "2", "homes": "1", "add": ""} | {"add": ""})
    assert 'id="p2"' in page


def test_what_is_missing_is_asked_and_what_contradicts_is_refused(file: Path) -> None:
    client = signed_in(DESK)

    asked = tried(client, {name: said for name, said in BRAVE.items() if name != "p1-basic_insured"})
    wrong = tried(client, BRAVE | {"p1-disability_grade": "0"})
    typed = tried(client, BRAVE | {"p1-out_of_pocket_fen": "一千"})

    assert "basic_insured" in asked
    assert "定不了" in asked
    assert "disability_grade" in wrong
    assert "24,900.01" not in wrong
    assert "最多两位小数" in typed
    assert not Entry.objects.filter(subject_kind="scheme").exists()


def test_what_a_person_has_used_is_taken_off(file: Path) -> None:
    person = make_person()
    RunningTotal.objects.create(
        scheme="qingshi-tutorial", version="2027-01-01", limit="medical_year", holder=f"person:{person.pk}",
        span="year:0", reserved_fen=150_000, used_fen=400_000,
    )  # fmt: skip

    page = tried(signed_in(DESK), BRAVE | {"p1-registry_person": str(person.pk)})

    assert "24,500.00" in page
    assert "medical_year: 550000" in page


def test_one_person_cannot_do_both(file: Path) -> None:
    client = signed_in(ADMINISTRATOR)
    words = accepted(client)
    put(client, "propose", words)

    page = put(client, "approve", words)

    assert "要由另一人来办" in page
    assert not Adoption.objects.get().approved_by


def test_what_is_not_ticked_is_named(file: Path) -> None:
    client = signed_in(ADMINISTRATOR)

    page = put(client, "propose", accepted(client)[:1])

    assert "还有没认下的：只有报道为据的条款 PERIOD-1" in page
    assert not Adoption.objects.exists()


def test_a_file_changed_after_it_was_put_in_force_is_told_on_every_page(file: Path) -> None:
    first, second = signed_in(ADMINISTRATOR), signed_in(APPROVER)
    words = accepted(first)
    put(first, "propose", words)
    put(second, "approve", words)
    file.write_text(file.read_text(encoding="utf-8") + "# 后来加的一行\n", encoding="utf-8")

    for path in ("/scheme/", "/scheme/versions/", "/scheme/try/"):
        answer = first.get(path)
        assert answer.status_code == 503
        assert "生效以后被改过" in answer.text


def test_the_differences_stand_on_the_page(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace(
        "from: 2027-01-01, to: 2028-01-01", "from: 2028-01-01, to: 2029-01-01"
    )
    file.with_name("2028-01-01.yaml").write_text(
        text.replace("- {fixed_fen: 6_000_000}", "- {fixed_fen: 5_000_000}"), encoding="utf-8"
    )

    page = signed_in(CLERK).get("/scheme/versions/?version=2028-01-01").text

    assert "60000.00 元 → 50000.00 元" in page or "60,000.00 元 → 50,000.00 元" in page
    assert 'action="/scheme/propose/' not in page
