"""The components compose: roles that survive narrow screens, plain forms, nothing unescaped."""

import re

import pytest
from django.template import engines
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler
from tests.unit.desk import pages


def _render(source: str, **context: object) -> str:
    with pages.without_database(), translation.override("zh-hans"):
        return str(engines["django"].from_string(CottonCompiler().process(source)).render(context))


@pytest.mark.parametrize("name", pages.NAMES)
def test_a_page_has_one_title_and_its_ids_once(name: str) -> None:
    html = pages.page(name)

    ids = re.findall(r'\sid="([^"]+)"', html)

    assert len(re.findall(r"<h1", html)) == 1
    assert sorted(ids) == sorted(set(ids))
    assert "{{" not in html
    assert "<c-" not in html


@pytest.mark.parametrize("name", ["404", "403", "403_csrf", "500"])
def test_an_error_page_needs_no_context(name: str) -> None:
    with pages.without_database(), translation.override("zh-hans"):
        html = engines["django"].get_template(f"{name}.html").render()

    assert "回工作台" in html


def test_the_frame_draws_only_what_it_is_given() -> None:
    html = pages.page("kit")
    with pages.without_database(), translation.override("zh-hans"):
        bare = engines["django"].get_template("base.html").render({"desk": {}})

    assert 'aria-label="主菜单"' in html
    assert 'aria-current="page">工作台' in html
    assert "<nav" not in bare
    assert "演示数据" not in bare


def test_wrapped_rows_keep_their_roles() -> None:
    html = pages.page("workbench")
    table = html[html.index('<table class="queue"') : html.index("</table>")]

    for tag, role in (("tr", "row"), ("td", "cell"), ("tbody", "rowgroup"), ("thead", "rowgroup")):
        assert len(re.findall(rf"<{tag}[\s>]", table)) == len(re.findall(rf'<{tag} role="{role}"', table))


def test_the_batch_bar_stands_in_the_form_of_its_ticks() -> None:
    html = pages.page("workbench")
    form = html[html.index('<form method="post" action="#q"') :]
    form = form[: form.index("</form>")]

    assert form.count('name="picked"') == 13
    assert form.count(" checked ") == 5
    assert "data-batch" in form
    assert 'name="verb" value="return"' in form
    assert "hidden" not in form[form.index('<div class="batch"') :].split(">")[0]


def test_values_are_escaped_once() -> None:
    html = _render('<c-sum caption="算法" :rows="rows" />', rows=[{"label": "<b>&", "fen": 100}])
    attribute = _render('<c-sheet id="x" title="{{ name }}">{{ name }}</c-sheet>', name="<i>&")

    assert "&lt;b&gt;&amp;" in html
    assert "&amp;amp;" not in html + attribute
    assert attribute.count("&lt;i&gt;&amp;") == 2


def test_nothing_leaks_from_the_page_into_a_component() -> None:
    html = _render('<c-button type="button">好</c-button>', href="/gone/", key="z")

    assert "/gone/" not in html
    assert "aria-keyshortcuts" not in html


def test_a_missing_sum_is_a_dash() -> None:
    assert "—" in _render('<c-amount label="拟赔付" :fen="unknown" />')
    assert "0.00" not in _render('<c-amount label="拟赔付" :fen="unknown" />')


def test_a_restated_clause_says_so_and_an_official_one_does_not() -> None:
    restated = _render('<c-quote clause="MED-1">大意</c-quote>')
    official = _render('<c-quote clause="MED-1" official>原文</c-quote>')

    assert "条款大意" in restated
    assert "条款大意" not in official


def test_a_job_that_has_ended_stops_asking() -> None:
    running = _render('<c-progress label="读入" :done="1" :total="2" poll_url="/jobs/1/" />')
    ended = _render('<c-progress label="读入" :done="2" :total="2" />')

    assert 'hx-get="/jobs/1/"' in running
    assert "hx-" not in ended


def test_only_the_bar_that_means_paid_is_marked() -> None:
    html = pages.page("screening")

    assert html.count('class="paid"') == 1
    assert '<rect width="57.8%"' in html


def test_a_question_with_its_own_form_carries_the_token() -> None:
    html = pages.page("claim")
    dialog = html[html.index('<dialog class="dialog" id="agree"') :]

    assert 'name="csrfmiddlewaretoken"' in dialog[: dialog.index("</dialog>")]
