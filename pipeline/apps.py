from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db.models import Exists, OuterRef, Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from crm import panels, records, searching, timeline
from crm.settings_pages import SettingsPage, register
from crm.sight import grant_sight

if TYPE_CHECKING:
    from crm.models import User


class PipelineConfig(AppConfig):
    """How we sell: pipelines, stages, deals and their history."""

    name = "pipeline"

    def ready(self) -> None:
        deals = self.get_model("Deal").objects  # type: ignore[attr-defined]
        parts = self.get_model("DealContact").objects  # type: ignore[attr-defined]

        # As questions about one client at a time: of a few clients the index answers, of many the planner reads the deals at once.
        def through_deals(field: str, user: User) -> Q:
            return Q(Exists(deals.visible_to(user).filter(**{field: OuterRef("pk")}).exclude(**{field: None}).order_by()))

        def through_parts(user: User) -> Q:
            seen = Exists(deals.visible_to(user).filter(pk=OuterRef("deal")).order_by())
            return Q(Exists(parts.filter(seen, contact=OuterRef("pk")).order_by()))

        records.register(
            records.Kind(
                "deal",
                deals.visible_to,
                "deal",
                after_task_change=import_string("pipeline.services.next_steps.refresh_next_step"),
                model=deals.model,
            )
        )
        timeline.register(import_string("pipeline.queries.stage_moves.Moves")())
        searching.register(searching.Findable("deal", _("Deals"), import_string("pipeline.queries.hits.deal_hits"), 30, most=6))
        searching.offer(import_string("pipeline.palette.commands"), 10)
        searching.offer_new(import_string("pipeline.palette.new_deals"))
        import_string("crm.timeline.journal.tell")("deal", import_string("pipeline.event_words.deal_words"))
        for kind in ("company", "contact"):
            panels.register(kind, import_string("pipeline.queries.client_deals.client_deals"))
            timeline.relate(kind, import_string(f"pipeline.queries.client_deals.deals_of_{kind}"))
        # Whoever sees a deal sees its company and its contact.
        grant_sight("company", lambda user: through_deals("company", user))
        grant_sight("contact", lambda user: through_deals("contact", user))
        grant_sight("contact", through_parts)
        import_string("pipeline.filtering.register_deals")()
        import_string("pipeline.lists.register_deals")()
        import_string("pipeline.importers.register_deals")()
        import_string("pipeline.bulk_deals.register_deals")()
        import_string("pipeline.services.removals.register_deals")()
        import_string("crm.bulk_removals.register_removal")("deal")
        subscribe = import_string("crm.events.subscribe")
        subscribe("organisation.edited", import_string("pipeline.services.next_steps.follow_organisation"))
        subscribe("exchange_rate.*", import_string("pipeline.services.next_steps.follow_rates"))
        self.show_settings()

    def show_settings(self) -> None:
        """Tell of the pages under `/settings/`."""
        words = _("The stages that deals go through: their order, colours, win probabilities, and when a deal rots.")
        register(SettingsPage("settings_pipelines", "layout-kanban", _("Pipelines and stages"), words, 10, also="/settings/stages/"))
        words = _("Where deals come from, to tell which source pays.")
        register(SettingsPage("settings_sources", "target", _("Sources"), words, 20))
        words = _("Why deals are lost, to learn from it.")
        register(SettingsPage("settings_lost_reasons", "circle-x", _("Lost reasons"), words, 30))
        words = _("Who else sells to your clients, to learn whom deals are lost to.")
        register(SettingsPage("settings_competitors", "flag", _("Competitors"), words, 31))
        words = _("What you sell: prices, units and taxes that line items begin with.")
        register(SettingsPage("settings_products", "briefcase", _("Products"), words, 32))
        words = _("Your details, the words and the logo that stand on quotes, and whether prices include the tax.")
        register(SettingsPage("settings_quotes", "file", _("Quotes"), words, 33))
        words = _("Which part somebody plays in a deal: who decides, who uses it, who advises.")
        register(SettingsPage("settings_contact_roles", "users", _("Roles of contacts"), words, 35))
