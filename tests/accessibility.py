"""axe-core on a page of the product: no barrier for anybody who reads or works it in another way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text("utf-8")
MAX_PLACES = 5


def check_accessibility(page: Page, *, within: str | None = None, allow: tuple[str, ...] = ()) -> None:
    """Hold the page as it stands now, or what lies `within` a selector, to all of axe's rules but those named in `allow`.

    The script comes in through the debugger, so the page keeps its policy; without `preload` axe adds no style sheets, which the
    policy would refuse.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options: dict[str, Any] = {"preload": False, "resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in allow}}
    found = page.evaluate("([within, options]) => axe.run(within ?? document, options)", [within, options])
    assert not found["violations"], f"axe on {page.url}:\n" + "\n".join(map(_told, found["violations"]))


def _told(violation: dict[str, Any]) -> str:
    places = [f"    {node['html'][:200]}\n      {_why(node)}" for node in violation["nodes"]]
    rest = [f"    … and {len(places) - MAX_PLACES} more"] if len(places) > MAX_PLACES else []
    return "\n".join([f"{violation['id']} ({violation['impact']}): {violation['help']}", *places[:MAX_PLACES], *rest])


def _why(node: dict[str, Any]) -> str:
    checks = node["any"] + node["all"] + node["none"]
    return "; ".join(check["message"] for check in checks) or node["failureSummary"]
