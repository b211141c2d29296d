"""The pages under `/settings/`: each app tells of its own, and the index and the tabs show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class SettingsPage:
    """One thing that an admin can set; `order` places it among the others."""

    name: str
    icon: str
    title: Any
    text: Any
    order: int = 50
    # Another folder whose addresses belong to it.
    also: str = ""

    @property
    def url(self) -> str:
        return reverse(self.name)

    def holds(self, path: str) -> bool:
        """Does the address belong to this page?"""
        return path.startswith(self.url) or bool(self.also and path.startswith(self.also))


_pages: list[SettingsPage] = []


def register(page: SettingsPage) -> None:
    """Show this page among the settings."""
    _pages.append(page)


def all_pages() -> list[SettingsPage]:
    """Every page, in its order."""
    return sorted(_pages, key=lambda page: page.order)
