"""The catalogue of products."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.forms.organisation import CURRENCIES
from crm.marks import mark_of, values_of
from crm.views.admins import for_admins
from pipeline.forms.selling import ProductForm
from pipeline.models import Product
from pipeline.services.products import EDITABLE, add_product, archive_product, edit_product, restore_product

MAX_SHOWN = 500


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def show_products(request: HttpRequest) -> HttpResponse:
    """The catalogue, and one more."""
    form = ProductForm(request.POST or None, initial={"currency": request.organisation.currency})
    if added := form.carry_out(lambda: add_product(values={field: form.cleaned_data[field] for field in EDITABLE}, by=request.user)):
        messages.success(request, _("“%(name)s” added") % {"name": added.name}, extra_tags=reverse("product_archive", args=[added.pk]))
        return redirect("settings_products")
    products = list(Product.objects.all()[:MAX_SHOWN])
    context = {
        "form": form,
        "live": [product for product in products if product.archived_at is None],
        "archived": [product for product in products if product.archived_at],
        "currencies": CURRENCIES,
    }
    return render(request, "settings/products.html", context, status=form.status)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_product(request: HttpRequest, product_id: int) -> HttpResponse:
    """One product."""
    product = get_object_or_404(Product, pk=product_id)
    form = ProductForm(request.POST or None, initial=values_of(product, EDITABLE) | {"mark": mark_of(product, EDITABLE)})
    changed = form.carry_out(
        lambda: edit_product(
            product_id=product_id,
            changes={field: form.cleaned_data[field] for field in EDITABLE},
            mark=form.cleaned_data["mark"],
            by=request.user,
        )
    )
    if changed:
        messages.success(request, _("Saved"))
        return redirect("settings_products")
    return render(request, "settings/product.html", {"form": form, "product": product, "currencies": CURRENCIES}, status=form.status)


@for_admins
@require_POST
def product_archive(request: HttpRequest, product_id: int) -> HttpResponse:
    """Offer it no longer."""
    product = archive_product(product_id=product_id, by=request.user)
    undo = reverse("product_restoration", args=[product_id])
    messages.success(request, _("“%(name)s” is archived") % {"name": product.name}, extra_tags=undo)
    return redirect("settings_products")


@for_admins
@require_POST
def product_restoration(request: HttpRequest, product_id: int) -> HttpResponse:
    """Offer it again."""
    product = restore_product(product_id=product_id, by=request.user)
    messages.success(request, _("“%(name)s” is back") % {"name": product.name}, extra_tags=reverse("product_archive", args=[product_id]))
    return redirect("settings_products")
