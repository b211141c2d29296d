"""The API of the search: everything that a text names, best first."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.queries.search import find


class HitSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text="contact, company, deal or task")
    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    second = serializers.CharField(help_text="what tells it from its namesakes")
    url = serializers.CharField()


class FoundSerializer(serializers.Serializer):
    results = HitSerializer(source="hits", many=True)


class SearchView(APIView):
    """Records that hold every word of `q`, however it is cased, spelt or typed, as far as the key's user sees them."""

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True, description="at most 100 characters are read")], responses=FoundSerializer
    )
    def get(self, request: Request) -> Response:
        """Find anything by part of a name, an e-mail or digits of a phone number."""
        return Response(FoundSerializer(find(text=request.query_params.get("q", ""), viewer=request.user)).data)
