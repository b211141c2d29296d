"""What each figure means, in a sentence that stands beside it on the page and in the API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NAMES = {
    "entered": _("Entered"),
    "skipped": _("Skipped"),
    "advanced": _("Advanced"),
    "lost": _("Lost"),
    "open": pgettext_lazy("deals", "Open"),
    "conversion": _("Conversion so far"),
    "conversion_matured": _("Conversion, matured"),
    "undated": _("Undated"),
    "win_rate": _("Win rate"),
    "wins_per_created": _("Wins per created"),
    "won": _("Won deals"),
    "lost_deals": _("Lost deals"),
    "open_deals": _("Open deals"),
    "won_amount": _("Amount won"),
    "deals": _("Deals"),
    "n": _("n, the number of stays"),
    "staying": _("Still there"),
    "quarter": _("Middle half of the stays"),
    "median": _("Median"),
    "p75": _("75 %"),
    "p90": _("90 %"),
    "mean_exited": _("Mean of ended"),
    "reentries": _("Re-entries"),
    "back_moves": _("Moved back"),
}

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
    "undated": _(
        "Deals that an import brought without a history of stages: that they came here is known, but not when. "
        "They are left out of conversion within days and of time in stage."
    ),
    "win_rate": _("Won among closed: won / (won + lost)."),
    "wins_per_created": _("Won among all deals that began in the period, the open ones included."),
    "won": _("Deals of the period that are won as of the time of the report."),
    "lost_deals": _("Deals of the period that are lost as of the time of the report."),
    "open_deals": _("Deals of the period that are still open as of the time of the report."),
    "won_amount": _("The amounts of the won deals, as they stood at the time of the report, by currency."),
    "deals": _("Deals that began in the period: whose first stay in the pipeline did."),
    "n": _("Stays in the stage, those that still last included."),
    "staying": _("Stays that have not ended by the time of the report."),
    "quarter": _("From the time by which a quarter of the stays have ended to the time by which three quarters have (Kaplan-Meier)."),
    "median": _("Half of the stays have ended by then. Stays that still last count for as long as they have lasted (Kaplan-Meier)."),
    "p75": _("Three quarters of the stays have ended by then (Kaplan-Meier)."),
    "p90": _("Nine tenths of the stays have ended by then (Kaplan-Meier)."),
    "mean_exited": _("The average of the stays that have ended. It leaves out those that still last, so it is too short."),
    "reentries": _("Stays of deals that had been in this stage before."),
    "back_moves": _("Stays that began with a move from a later stage."),
}
