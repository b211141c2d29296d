from typing import TYPE_CHECKING, Any

from allauth.account.signals import password_changed, password_reset
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from crm import live, records, references, removing, schema, searching, timeline  # noqa: F401 - found by being imported
from crm.settings_pages import SettingsPage, register

if TYPE_CHECKING:
    from crm.models import Company, Contact, User


def _close_streams(user: "User | None", **_signal: Any) -> None:
    """Whoever signs out or has a new password sees no more live updates; devices still signed in open their streams again."""
    if user is not None:
        live.kick(user.pk)


def _tell_clients(record: "Company | Contact", origin: str) -> None:
    """Pages that show it look again."""
    live.touch(record._meta.model_name or "", record.pk, origin=origin)


class CrmConfig(AppConfig):
    """Whom we sell to and what was said."""

    name = "crm"

    def ready(self) -> None:
        companies, contacts = self.get_model("Company").objects, self.get_model("Contact").objects  # type: ignore[attr-defined]
        records.register(records.Kind("company", companies.visible_to, "company", model=companies.model))
        records.register(records.Kind("contact", contacts.visible_to, "contact", model=contacts.model))
        for kind in ("company", "contact"):
            removing.register(removing.Removable(kind, self.get_model(kind), tell=_tell_clients))
        self.tell_timelines()
        import_string("crm.filtering.clients.register_clients")()
        import_string("crm.custom_fields.filters.provide_fields")()
        import_string("crm.custom_fields.columns.provide_all")()
        self.make_findable()
        import_string("crm.lists.clients.register_clients")()
        import_string("crm.filtering.tasks.register_tasks")()
        import_string("crm.lists.tasks.register_tasks")()
        import_string("crm.bulk_tasks.register_tasks")()
        import_string("crm.filtering.meetings.register_meetings")()
        import_string("crm.lists.meetings.register_meetings")()
        import_string("crm.bulk_clients.register_clients")()
        for kind in ("company", "contact"):
            import_string("crm.bulk_removals.register_removal")(kind)
        import_string("crm.background.register_all")()
        import_string("crm.notice_kinds.register_all")()
        import_string("crm.events.subscribe")("message.received", import_string("crm.services.inquiries.tell_of_inquiry"))
        import_string("crm.services.duplicates.subscribe_all")()
        for label in ("crm.importedrow", "crm.merge", "crm.duplicatepair"):
            references.leave_alone(label)
        for signal in (user_logged_out, password_changed, password_reset):
            signal.connect(_close_streams)
        words = _("What you want to know of deals, contacts and companies beyond the usual: text, numbers, choices, people.")
        register(SettingsPage("settings_custom_fields", "forms", _("Custom fields"), words, 40))
        words = _("Words on contacts, companies and deals: rename, colour, merge.")
        register(SettingsPage("settings_tags", "tag", _("Tags"), words, 45))
        words = _("Its name, time zone, country, currency and language.")
        register(SettingsPage("settings_organisation", "building", _("Organisation"), words, 60))
        words = _("Secret addresses to which your web form or another program sends inquiries.")
        register(SettingsPage("settings_hooks", "webhook", _("Incoming inquiries"), words, 80))
        words = _("Contacts, companies and deals that were deleted within the last 30 days, and the way back.")
        register(SettingsPage("deleted", "trash", _("Deleted"), words, 90))
        words = _("What other currencies are worth, from which day on.")
        register(SettingsPage("settings_exchange_rates", "coins", _("Exchange rates"), words, 70))
        words = _("Contacts, companies and deals from a file of another program; what came in can be taken back.")
        register(SettingsPage("imports", "upload", _("Import"), words, 90))

    def tell_timelines(self) -> None:
        """What timelines tell, and that a company's tells of its people too."""
        for name in ("Notes", "Calls", "Meetings", "Messages", "Files"):
            timeline.register(import_string(f"crm.timeline.said.{name}")())
        for name in ("Changes", "Tasks"):
            timeline.register(import_string(f"crm.timeline.journal.{name}")())
        timeline.relate("company", import_string("crm.timeline.people.people_of"))

    def make_findable(self) -> None:
        """Have people, companies, tasks and the pages of the shell found."""
        found = import_string
        searching.register(searching.Findable("contact", _("Contacts"), found("crm.queries.hits.contact_hits"), 10))
        searching.register(searching.Findable("company", _("Companies"), found("crm.queries.hits.company_hits"), 20))
        searching.offer(found("crm.palette.commands"), 20)
        searching.offer(found("crm.palette.places"), 40)
        searching.offer(found("crm.palette.views"), 60)
        searching.offer_new(found("crm.palette.new_clients"))
        searching.register(searching.Findable("task", _("Tasks"), found("crm.queries.hits.task_hits"), 40, most=4))
