from django.apps import AppConfig

from crm import records


class CrmConfig(AppConfig):
    """Whom we sell to and what was said."""

    name = "crm"

    def ready(self) -> None:
        companies, contacts = self.get_model("Company").objects, self.get_model("Contact").objects
        records.register(records.Kind("company", companies.visible_to, "company"))
        records.register(records.Kind("contact", contacts.visible_to, "contact"))
