"""The form of a trial case (试算表单): fields made from the facts a cause turns on, and the case they make.

In: the declared facts and what was typed. Out: a Django form for each victim, household and the event, and
the case as plain values, which become YAML and are read like any case file.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.interfaces.desk.scheme_labels import is_english
from yiyuan.kernel.money import AMOUNT_FEN_MAX, read_yuan
from yiyuan.rules.cases import Case, parse_cases, raise_faults
from yiyuan.rules.events.facts import CHOICE, CHOICES, DATE, FLAG, MONEY, NUMBER, WHOLE, Fact
from yiyuan.rules.scheme_file.located import Findings, Located

FILE = "试算"
NUMBER_MAX_CHARACTERS = 30


class YuanField(forms.CharField):
    """An amount typed in yuan; its value is fen. The unit, its hint, stands beside the box."""

    is_unit_beside = True

    def clean(self, value: Any) -> int | None:
        """Return fen, None where nothing was typed.

        :raises ValidationError: when it is no amount.
        """
        text = str(super().clean(value))
        if not text:
            return None
        try:
            fen = read_yuan(text)
        except ValueError as error:
            raise forms.ValidationError(_("请写元，例如 1249.80，最多两位小数")) from error
        if abs(fen) > AMOUNT_FEN_MAX:
            raise forms.ValidationError(_("这个数太大了"))
        return fen


class WhenForm(forms.Form):
    """The days a case has of itself, and what it tries."""

    use_required_attribute = False
    on = forms.DateField(
        label=gettext_lazy("哪一天出的事"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("请写出事的日子"),
            "invalid": gettext_lazy("日期应像 2019-11-21"),
        },
    )
    filed_on = forms.DateField(
        label=gettext_lazy("哪一天申请"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    papers_complete_on = forms.DateField(
        label=gettext_lazy("材料哪一天交齐"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class FactsForm(forms.Form):
    """What is said of one victim, one household or the event; empty fields say nothing."""

    use_required_attribute = False

    def __init__(self, facts: Sequence[Fact], *, prefix: str, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, prefix=prefix)
        for fact in facts:
            self.fields[fact.name] = _field(fact)

    def said(self) -> dict[str, object]:
        """Return what was said, by fact; nothing for a form that was left empty."""
        return {
            name: _plain(value) for name, value in self.cleaned_data.items() if value not in (None, "", [])
        }


def _plain(value: object) -> object:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def _field(fact: Fact) -> forms.Field:
    label = (is_english() and fact.name_en) or fact.name_zh
    options = [(code, name) for code, name in fact.options.items()]
    date_widget = forms.DateInput(attrs={"type": "date"})
    if fact.type == CHOICES and options:
        return forms.MultipleChoiceField(
            label=label, required=False, choices=options, widget=forms.CheckboxSelectMultiple
        )
    if fact.type in (CHOICE, FLAG):
        chosen = options if fact.type == CHOICE else [("yes", _("是")), ("no", _("不是"))]
        return forms.ChoiceField(label=label, required=False, choices=[("", _("不知道")), *chosen])
    if fact.type == DATE:
        return forms.DateField(label=label, required=False, widget=date_widget)
    if fact.type == MONEY:
        hint = _("元")
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        return YuanField(label=label, required=False, help_text=hint, widget=widget, max_length=20)
    mode = "numeric" if fact.type in (WHOLE, NUMBER) else "text"
    return forms.CharField(
        label=label,
        required=False,
        max_length=NUMBER_MAX_CHARACTERS,
        widget=forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"}),
    )


class AnswersForm(forms.Form):
    """An answer to try for each question the scheme leaves open."""

    use_required_attribute = False

    def __init__(self, asked: Mapping[str, tuple[str, Mapping[str, str]]], data: Mapping[str, Any] | None):
        super().__init__(data, prefix="q")
        for name, (words, options) in asked.items():
            choices = [("", _("还没有答复")), *options.items()]
            self.fields[name] = forms.ChoiceField(label=words, required=False, choices=choices)


def case_values(days: Mapping[str, date | None], facts: dict[str, object], answers: Mapping[str, str]) -> Any:
    """Return the case as the plain values of a case file."""
    case: dict[str, object] = {"case": FILE}
    case |= {name: on for name, on in days.items() if on is not None}
    if answers:
        case["reading"] = dict(answers)
    return [case | {"facts": facts}]


def as_yaml(values: Any) -> str:
    """Return the case as a case file has it."""
    return str(
        yaml.safe_dump(values, allow_unicode=True, sort_keys=False, default_flow_style=None, width=100)
    )


def as_case(values: Any) -> Case:
    """Return the case read from its values.

    :raises CaseError: when something in it cannot be read.
    """
    findings = Findings(FILE)
    cases = parse_cases(_located(values), findings)
    raise_faults(findings)
    return cases[0]


def _located(value: object) -> Located:
    if isinstance(value, dict):
        return Located({str(key): _located(one) for key, one in value.items()}, 1)
    if isinstance(value, list):
        return Located([_located(one) for one in value], 1)
    if isinstance(value, bool):
        return Located("true" if value else "false", 1)
    return Located(str(value), 1)
