"""The palette that stages and tags are coloured from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Colour(models.TextChoices):
    """Classes in the style sheet, the same hue in light and dark."""

    SLATE = "slate", _("Slate")
    BLUE = "blue", _("Blue")
    CYAN = "cyan", _("Cyan")
    TEAL = "teal", _("Teal")
    GREEN = "green", _("Green")
    LIME = "lime", _("Lime")
    AMBER = "amber", _("Amber")
    ORANGE = "orange", _("Orange")
    PINK = "pink", _("Pink")
    VIOLET = "violet", _("Violet")
