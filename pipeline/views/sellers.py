"""The seller's letterhead, its logo, and what a quote looks like with them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.errors import Refused
from crm.marks import mark_of, values_of
from crm.views.admins import for_admins
from pipeline.forms.selling import SellerForm
from pipeline.models import Seller
from pipeline.models.quotes import MAX_LOGO
from pipeline.quote_pdf.render import NotSet, kind_of_logo
from pipeline.services.quotes import sample_pdf
from pipeline.services.sellers import EDITABLE, edit_seller, set_logo


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_seller(request: HttpRequest) -> HttpResponse:
    """Details, words, the way prices are told."""
    seller = Seller.current()
    form = SellerForm(request.POST or None, initial=values_of(seller, EDITABLE) | {"mark": mark_of(seller, EDITABLE)})
    if form.carry_out(lambda: edit_seller(changes=form.cleaned_data, by=request.user, mark=form.cleaned_data["mark"])):
        messages.success(request, _("Saved"))
        return redirect("settings_quotes")
    has_logo = Seller.objects.filter(id=1, logo__isnull=False).exists()
    return render(request, "settings/quotes.html", {"form": form, "has_logo": has_logo}, status=form.status)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def logo(request: HttpRequest) -> HttpResponse:
    """The picture; a POST brings another (`logo`), or takes it away where no file comes."""
    if request.method == "POST":
        file = request.FILES.get("logo")
        if file is None and not request.POST.get("remove"):
            raise Refused(_("Choose a picture first."))
        set_logo(content=file.read(MAX_LOGO + 1) if file else None, by=request.user)
        messages.success(request, _("Saved"))
        return redirect("settings_quotes")
    content = Seller.objects.filter(id=1).values_list("logo", flat=True).first()
    if not content:
        raise Http404(_("There is no logo yet."))
    kind = "png" if kind_of_logo(bytes(content)) == "png" else "jpeg"
    return HttpResponse(bytes(content), content_type=f"image/{kind}")


@for_admins
@require_GET
def show_sample(request: HttpRequest) -> HttpResponse:
    """A sample as PDF, made on the spot and kept nowhere."""
    try:
        content = sample_pdf(organisation=request.organisation, by=request.user)
    except NotSet:
        raise Refused(_("The PDF could not be made. Try again in a minute.")) from None
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": 'attachment; filename="sample.pdf"'})
