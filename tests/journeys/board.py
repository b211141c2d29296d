"""A board in a browser as a person sees and handles it; says nothing in words of one language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Response, expect

from pipeline.models import Deal, Stage

NewPage = Callable[..., Page]


class BoardPage:
    """The board that is open in one browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, query: str = "") -> BoardPage:
        """Go there and wait until others' changes would be heard."""
        self.page.goto(f"/board/{query}")
        self.ready()
        return self

    def ready(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-connection", "live")

    def column(self, stage: Stage) -> Locator:
        return self.page.locator(f'[data-stage-id="{stage.pk}"]')

    def card(self, deal: Deal) -> Locator:
        return self.page.locator(f'[data-board] [data-deal-id="{deal.pk}"]')

    def link(self, deal: Deal) -> Locator:
        return self.card(deal).locator(".ct")

    def shows(self, stage: Stage, *titles: str, count: int | None = None) -> None:
        """The column holds exactly these cards from the top, and its head counts them."""
        expect(self.column(stage).locator(".ct")).to_have_text(list(titles))
        expect(self.column(stage).locator(".col-count")).to_have_text(str(len(titles) if count is None else count))

    @property
    def toast(self) -> Locator:
        return self.page.locator("#toasts .note-toast").last

    @property
    def undo(self) -> Locator:
        return self.toast.locator("button:not(.toast-close)")

    def lift(self, deal: Deal) -> None:
        """Take a card with the mouse and begin to drag it."""
        box = box_of(self.card(deal))
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 6, y + 10, steps=4)
        expect(self.page.locator(".is-dragging")).to_have_count(1)

    def carry(self, target: Locator, *, down: float = 0.5) -> None:
        """Move what is dragged over the target, that far down in it."""
        for steps in (10, 4):  # on the way there the column makes room, so the target moves on
            box = box_of(target)
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * down
            self.page.mouse.move(x + 2, y - 6, steps=steps)
            self.page.mouse.move(x, y, steps=4)

    def drop(self) -> None:
        self.page.mouse.up()
        expect(self.page.locator(".is-dragging")).to_have_count(0)

    def drag(self, deal: Deal, target: Locator, *, down: float = 0.5) -> None:
        """Drag a card onto a column's list or a card: onto its upper or its lower part."""
        self.lift(deal)
        self.carry(target, down=down)
        self.drop()

    def list_of(self, stage: Stage) -> Locator:
        return self.column(stage).locator(".cards")

    @contextmanager
    def answer_to(self, part: str) -> Iterator[list[Response]]:
        """Wait for the answer to a request whose address holds `part`; it is in the list afterwards."""
        answers: list[Response] = []
        with self.page.expect_response(lambda response: part in response.url and response.request.method == "POST") as caught:
            yield answers
        answers.append(caught.value)


def box_of(target: Locator) -> dict[str, float]:
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None, f"not on the page: {target}"
    return dict(box)


def order_of(stage: Stage) -> list[str]:
    """The column as the database has it."""
    return list(Deal.objects.open().in_stage(stage).order_by("rank").values_list("title", flat=True))
