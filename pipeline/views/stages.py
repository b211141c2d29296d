"""Shaping the stages of a pipeline."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pipeline.models import Pipeline


@require_GET
@login_required
def show_stages(request: HttpRequest) -> HttpResponse:
    """The stages of every pipeline, for admins."""
    if not request.user.is_admin:
        raise Http404
    return render(request, "settings/stages.html", {"pipelines": Pipeline.objects.live().prefetch_related("stages")})
