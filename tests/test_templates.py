"""Templates keep to the policy and to the htmx that we ship."""

from pathlib import Path

import pytest

from tests import template_rules


def test_templates_keep_the_rules() -> None:
    assert template_rules.faults() == []


@pytest.mark.parametrize(
    "line",
    [
        "<script>alert(1)</script>",
        '<p style="color: red">',
        "<style>p {}</style>",
        '<a onclick="go()">',
        '<div hx-ext="sse">',
        '<p hx-on="htmx:afterSwap">',
    ],
)
def test_a_breach_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "page.html").write_text(f"<p>\n{line}")
    assert [fault.split(": ")[0] for fault in template_rules.faults(tmp_path)] == [f"{tmp_path.name}/page.html:2"]
