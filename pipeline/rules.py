"""Who may do what with a deal they see."""

from crm.models import User
from crm.rules import allows, owns_or_leads, register, require

__all__ = ["allows", "require"]


def _admin(by: User, _record: object) -> bool:
    return by.is_admin


register(
    {
        "deal.create": lambda by, _stage: True,
        "deal.move": owns_or_leads,
        "deal.close": owns_or_leads,
        "deal.reopen": owns_or_leads,
        "deal.edit": owns_or_leads,
        "stage.change": _admin,
        "pipeline.change": _admin,
    }
)
