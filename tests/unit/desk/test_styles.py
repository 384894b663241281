"""The styles keep their promises: size, contrast, no inline code, no class without a rule."""

import re
from pathlib import Path

import pytest

from yiyuan.interfaces import desk

HOME = Path(desk.__file__).parent
STYLES = sorted((HOME / "static/desk/css").rglob("*.css"))
TEMPLATES = sorted((HOME / "templates").rglob("*.html"))
# Named by a script, or the end of a name that a tag chooses.
MARKS_FOR_SCRIPTS = {"batch-plain", "none"}


def test_styles_are_small() -> None:
    assert sum(path.stat().st_size for path in STYLES) <= 48_000


def test_every_style_is_linked() -> None:
    head = (HOME / "templates/head.html").read_text(encoding="utf-8")

    linked = {path.name for path in STYLES if f"css/{path.relative_to(HOME / 'static/desk/css')}" in head}

    assert linked == {path.name for path in STYLES}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(HOME)))
def test_no_inline_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_every_class_has_a_rule() -> None:
    styles = "".join(path.read_text(encoding="utf-8") for path in STYLES)
    rules = set(re.findall(r"\.([a-z][a-z0-9-]*)", styles))
    used = set()
    for path in TEMPLATES:
        # A class that ends in a value, such as `row-{{ tile.row }}`, is left out with that value.
        text = re.sub(r"[a-z-]*{{.*?}}|{#.*?#}", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"{%.*?%}", " ", text)
        for words in re.findall(r'class="([^"]*)"', text):
            used |= {word for word in words.split() if re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", word)}

    assert used - rules - MARKS_FOR_SCRIPTS == set()
    assert len(used) > 60


def _tokens() -> dict[str, str]:
    text = (HOME / "static/desk/css/tokens.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", text))


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", 12.0),
        ("ink-2", "paper", 7.0),
        ("ink-3", "paper", 5.0),
        ("accent", "paper", 6.0),
        ("sheet", "accent", 7.0),
        ("accent-deep", "accent-tint", 7.0),
        ("ok", "ok-tint", 5.0),
        ("soon", "soon-tint", 5.0),
        ("late", "late-tint", 5.0),
        ("sheet", "late", 5.0),
        ("on-ink", "ink", 7.0),
        ("ink", "ramp-3", 5.0),
        ("sheet", "ramp-4", 4.5),
        ("control", "paper", 3.0),
        ("ink-2", "accent-tint", 5.0),
    ],
)
def test_contrast(text: str, ground: str, least: float) -> None:
    tokens = _tokens()
    light, dark = sorted((_luminance(tokens[text]), _luminance(tokens[ground])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= least
