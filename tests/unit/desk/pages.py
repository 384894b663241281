"""Pages for the tests of the look: the kit, the samples, sign-in and errors, rendered without a database."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler
from playwright.sync_api import Page
from tests.unit.desk.samples.data import CLAIM, DESK, SCREENING, WORKBENCH

from yiyuan.interfaces.desk.kit import kit_context

# Opens a page by name, at a width, with options of the browser.
OpenPage = Callable[..., Page]

SAMPLES = Path(__file__).parent / "samples"
SAMPLE_CONTEXTS: dict[str, dict[str, Any]] = {"workbench": WORKBENCH, "claim": CLAIM, "screening": SCREENING}
NAMES = ("kit", *SAMPLE_CONTEXTS, "sign_in", "404", "no_room", "database_away")


def without_database() -> override_settings:
    """Return the settings of the site less the context processors that read the database."""
    templates: list[dict[str, Any]] = deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"] = [
        "django.template.context_processors.request",
        "django.template.context_processors.i18n",
    ]
    return override_settings(TEMPLATES=templates)


def page(name: str, language: str = "zh-hans") -> str:
    """Return the HTML of one page of NAMES."""
    request = RequestFactory().get(f"/{name}/")
    with without_database(), translation.override(language):
        if name in SAMPLE_CONTEXTS:
            source = CottonCompiler().process((SAMPLES / f"{name}.html").read_text(encoding="utf-8"))
            template = engines["django"].from_string(source)
            return str(template.render({"desk": DESK, **SAMPLE_CONTEXTS[name]}, request))
        context: dict[str, Any] = {"desk": DESK}
        if name == "kit":
            context |= kit_context()
        if name == "sign_in":
            context["form"] = AuthenticationForm(request, {"username": "", "password": "x"})
        return render_to_string(f"{name}.html", context, request)
