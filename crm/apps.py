from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Whom we sell to and what was said."""

    name = "crm"
