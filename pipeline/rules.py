"""Who may do what with a deal they see."""

from crm.models import User
from crm.rules import allows, leads, owns_or_leads, register, require
from pipeline.models import Deal

__all__ = ["allows", "require"]


def _deletes(by: User, deal: Deal) -> bool:
    """Figures rest on what was won and lost, so only who leads takes that away."""
    return owns_or_leads(by, deal) if deal.is_open else leads(by, deal)


def _admin(by: User, _record: object) -> bool:
    return by.is_admin


register(
    {
        "deal.create": lambda by, _stage: True,
        "deal.move": owns_or_leads,
        "deal.close": owns_or_leads,
        "deal.reopen": owns_or_leads,
        "deal.edit": owns_or_leads,
        "deal.delete": _deletes,
        "stage.change": _admin,
        "pipeline.change": _admin,
    }
)
