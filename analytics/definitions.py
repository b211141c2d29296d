"""What each figure means, in a sentence that stands beside it on the page and in the API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DEFINITIONS = {
    "entered": _("Deals whose furthest stage so far is this one or a later one. A won deal has passed every stage."),
    "skipped": _("Deals that got beyond this stage without ever staying in it. They count as entered and advanced."),
    "advanced": _("Deals that reached a later stage, or were won."),
    "lost": _("Deals lost without ever getting beyond this stage. A deal that was reopened is not lost."),
    "open": _("Deals that have neither advanced nor been lost yet."),
    "conversion": _("Advanced among entered, so far. Open deals may still advance, so it is a lower bound."),
    "conversion_matured": _(
        "The share expected to have advanced by the horizon, counted from the day a deal first reached the stage. "
        "Open deals count for as long as they were watched (Aalen-Johansen, 95 % interval)."
    ),
    "win_rate": _("Won among closed: won / (won + lost)."),
    "wins_per_created": _("Won among all deals that began in the period, the open ones included."),
    "won": _("Deals of the period that are won as of the time of the report."),
    "lost_deals": _("Deals of the period that are lost as of the time of the report."),
    "open_deals": _("Deals of the period that are still open as of the time of the report."),
    "won_amount": _("The amounts of the won deals, as they stood at the time of the report, by currency."),
    "n": _("Stays in the stage, those that still last included."),
    "median": _("Half of the stays have ended by then. Stays that still last count for as long as they have lasted (Kaplan-Meier)."),
    "p75": _("Three quarters of the stays have ended by then (Kaplan-Meier)."),
    "p90": _("Nine tenths of the stays have ended by then (Kaplan-Meier)."),
    "mean_exited": _("The average of the stays that have ended. It leaves out those that still last, so it is too short."),
    "reentries": _("Stays of deals that had been in this stage before."),
    "back_moves": _("Stays that began with a move from a later stage."),
}
