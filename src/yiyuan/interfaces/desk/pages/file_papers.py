"""Papers of the underwriting file on screen (承保档案材料): put in, listed with who and when, taken out.

In: files from the policyholder's officers. Out: a table and a form on the tender's and the agreement's page.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from yiyuan.apps.underwriting.errors import UnderwritingRefusal
from yiyuan.apps.underwriting.file_papers import (
    OF_AGREEMENT,
    OF_TENDER,
    add_agreement_paper,
    add_tender_paper,
    list_file_papers,
    open_file_paper,
    papers_until,
)
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.tenders import list_bids
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.file_page import Act, Cell, Table, act, plain_day, signed
from yiyuan.interfaces.desk.pages.tender_acts import find_tender
from yiyuan.interfaces.desk.papers import PaperField, keep_paper, read_paper
from yiyuan.interfaces.desk.underwriting_words import refusal_words
from yiyuan.kernel.actor import Role

KINDS: dict[str, Promise] = {
    "plan": gettext_lazy("承保方案"),
    "agreement": gettext_lazy("协议文本"),
    "tender": gettext_lazy("招标文件"),
    "bid": gettext_lazy("投标文件"),
    "evaluation": gettext_lazy("评标报告"),
    "other": gettext_lazy("其他材料"),
}
DIGEST_SHOWN = 12


class PaperForm(forms.Form):
    """What the paper is, of which bid where it is a bid's, and the file."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=gettext_lazy("是什么材料"))
    bid = forms.ChoiceField(
        label=gettext_lazy("哪一家的投标"), required=False, help_text=gettext_lazy("只有投标文件要选")
    )
    file = PaperField(label=gettext_lazy("文件"))

    def __init__(self, kinds: Sequence[str], bids: Sequence[Any] = (), data: Any = None, files: Any = None):
        super().__init__(data, files)
        _offer(self.fields["kind"], [(kind, str(KINDS[kind])) for kind in kinds])
        if bids:
            _offer(self.fields["bid"], [("", "—"), *((str(one.pk), one.bidder) for one in bids)])
        else:
            del self.fields["bid"]


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def papers_table(owner: Any) -> Table:
    """Return the papers of a tender or an agreement: what, who put it in and when, kept until when."""
    until, law = papers_until(owner), procurement()
    rows = [
        [
            Cell(one.name, reverse("desk:file_paper", args=[one.pk])),
            Cell(f"{KINDS[one.kind]} · {one.bid.bidder}" if one.bid else KINDS[one.kind]),
            Cell(f"{one.added_by_name} {localtime(one.added_at):%Y-%m-%d %H:%M}"),
            Cell(one.sha256[:DIGEST_SHOWN]),
            Cell(plain_day(until) if until else _("签合同后满 %(years)d 年") % {"years": law.records_years}),
        ]
        for one in list_file_papers(owner)
    ]
    note = _("保存 %(years)d 年（%(law)s），存入以后不能改、不能删；谁下载过都有留痕。") % {
        "years": law.records_years, "law": law.records_law,
    }  # fmt: skip
    heads = [_("文件"), _("是什么材料"), _("存入"), _("校验值"), _("保存到")]
    return Table("papers", _("档案材料"), heads, rows, _("由市民政专员存入。"), note)


def paper_act(request: HttpRequest, kinds: Sequence[str], url: str, bids: Sequence[Any] = ()) -> list[Act]:
    """Return the form that puts a paper in, for those who may."""
    if Role.CIVIL_AFFAIRS not in actor_of(request).roles or not scope_of(request).is_city:
        return []
    return [Act("add-paper", _("存入材料"), PaperForm(kinds, bids), url, _("存入，以后不能删"))]


def tender_papers(request: HttpRequest, found: Any) -> list[Table | Act]:
    """Return what a tender's page shows of its papers."""
    url = reverse("desk:tender_paper", args=[found.number])
    return [papers_table(found), *paper_act(request, _kinds_of(found), url, list_bids(found))]


def agreement_papers(request: HttpRequest, found: Any) -> list[Table | Act]:
    """Return what an agreement's page shows of its papers."""
    url = reverse("desk:agreement_paper", args=[found.pk])
    return [papers_table(found), *paper_act(request, OF_AGREEMENT, url)]


def _kinds_of(tender: Any) -> Sequence[str]:
    return OF_TENDER if list_bids(tender) else [kind for kind in OF_TENDER if kind != "bid"]


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def tender_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Put a paper into a tender's file."""
    found = find_tender(request, number)

    def keep(said: dict[str, Any]) -> object:
        bid, kept = said.get("bid"), keep_paper(said["file"])
        own = {"tender_id": found.pk, "kind": said["kind"], "bid_id": int(bid) if bid else None}
        return add_tender_paper(file=kept, **own, **signed(request))

    form = PaperForm(_kinds_of(found), list_bids(found), request.POST, request.FILES)
    back = reverse("desk:tender", args=[number])
    return act(request, form, keep, done=_("材料已存入"), back=back)


@allow(Role.CIVIL_AFFAIRS)
@require_POST
def agreement_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a paper into an agreement's file."""

    def keep(said: dict[str, Any]) -> object:
        kept = keep_paper(said["file"])
        return add_agreement_paper(agreement_id=pk, kind=said["kind"], file=kept, **signed(request))

    form = PaperForm(OF_AGREEMENT, (), request.POST, request.FILES)
    return act(request, form, keep, done=_("材料已存入"), back=reverse("desk:agreement"))


@allow(*STAFF)
@require_safe
def file_paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a paper, checked against its checksum; who took it stays on record."""
    words: dict[str, Any] = {"actor": actor_of(request), "occurred_at": clock.now(), "request_key": new_key()}
    try:
        found = open_file_paper(pk=pk, **words)
    except ObjectDoesNotExist as missing:
        raise Http404(pk) from missing
    except UnderwritingRefusal as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("desk:tenders")
    file = read_paper(found.path, found.sha256)
    if file is None:
        messages.error(request, _("这份材料不在了，或和存入时的校验值不一致，请从备份取回"))
        return redirect("desk:tenders" if found.tender_id else "desk:agreement")
    return FileResponse(file, as_attachment=True, filename=found.name, content_type=found.media_type)


routes: list[URLPattern] = [
    path("underwriting/tenders/<str:number>/papers/", tender_paper, name="tender_paper"),
    path("underwriting/agreement/<int:pk>/papers/", agreement_paper, name="agreement_paper"),
    path("underwriting/papers/<int:pk>/", file_paper, name="file_paper"),
]
