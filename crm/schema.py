"""How the API's description tells of our own parts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer KEY`."""

    target_class = "crm.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The scheme as OpenAPI writes it."""
        scheme: dict[str, str] = build_bearer_security_scheme_object(header_name="Authorization", token_prefix="Bearer")  # noqa: S106
        return scheme


COMMON = {
    "400": "Something sent can't be read: `{field: [why]}` or `{detail}`.",
    "401": "No key, or one that is unknown or revoked: `{detail}`.",
    "403": "Seen, but not yours to change: `{detail}`.",
    "404": "Not there, or not yours to see: `{detail}`.",
}


def describe_refusals(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Every operation may refuse in these ways; its own words for one of them stay."""
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, words in COMMON.items():
                operation["responses"].setdefault(status, {"description": words})
    return result
