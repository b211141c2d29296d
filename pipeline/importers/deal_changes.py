"""Deals that are there already and that a file fills in or updates; their visits stay, unless a history comes along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.importers.base import Outcome
from crm.models import Duplicates, RowAction
from pipeline.importers.deal_clients import DealClients
from pipeline.importers.deal_visits import are_as_told
from pipeline.models import Deal, DealTerms, Source, StageVisit
from pipeline.services.deals import TERMS, plain_value
from pipeline.services.history import Visit, lock_columns
from pipeline.services.retelling import mark_of, retell, take_history

if TYPE_CHECKING:
    from pipeline.importers.deals import DealDraft, DealImporter

FIELDS = ("title", "amount", "currency", "expected_close", "company", "contact", "source", "tags", "custom", "import_key")


class DealChanges:
    """What a chunk of rows changes in the deals that they are about."""

    def __init__(self, importer: DealImporter, clients: DealClients, known: Sequence[tuple[DealDraft, Deal]]) -> None:
        self.importer, self.clients, self.known = importer, clients, known
        self.overwrite = importer.batch.duplicates == Duplicates.UPDATE

    def needing_clients(self) -> list[DealDraft]:
        """Those that would bring a company or a contact: not where the deal keeps its own."""
        return [draft for draft, deal in self.known if self.overwrite or not (deal.company_id and deal.contact_id)]

    def retold(self) -> list[DealDraft]:
        """Those with a history of their own."""
        return [draft for draft, _deal in self.known if draft.moves]

    def write(self, visits: Mapping[str, list[Visit]], sources: Mapping[str, Source]) -> list[Outcome]:
        if not self.known:
            return []
        if self.retold():
            lock_columns(self.importer.pipeline)
        ids = [deal.pk for _draft, deal in self.known]
        held = {deal.pk: deal for deal in Deal.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
        outcomes = []
        for draft, deal in self.known:
            if deal.pk in held:
                outcomes.append(self._change(draft, held[deal.pk], sources))
        changed = [held[outcome.record_id] for outcome in outcomes if outcome.after and outcome.record_id]
        if changed:
            Deal.objects.bulk_update(changed, FIELDS)
        self._date_terms(held, outcomes)
        self._retell(held, outcomes, visits)
        for outcome in outcomes:
            self._finish(outcome, held)
        return outcomes

    def _change(self, draft: DealDraft, deal: Deal, sources: Mapping[str, Source]) -> Outcome:
        outcome = Outcome(draft.rows[0].line, "deal", deal.pk, RowAction.UPDATED)
        for name, value in self._new_values(draft, deal, sources, outcome).items():
            before = plain_value(getattr(deal, name))
            setattr(deal, name, value)
            if (after := plain_value(value)) != before:
                outcome.before[name], outcome.after[name] = before, after
        if not draft.moves and self._stands_elsewhere(draft, deal):
            outcome.reasons.append(
                _("“%(name)s” stays in its stage: the file tells where it is, but not since when.") % {"name": deal.title}
            )
        return outcome

    def _new_values(self, draft: DealDraft, deal: Deal, sources: Mapping[str, Source], outcome: Outcome) -> dict[str, Any]:
        told = {
            "title": draft.title,
            "amount": draft.values["amount"],
            "expected_close": draft.values["expected_close"],
            "company": self.clients.company_of(draft),
            "contact": self.clients.contact_of(draft),
            "source": sources.get(draft.values["source"]),
        }
        if deal.amount_from_items and told["amount"] not in (None, deal.amount):
            outcome.reasons.append(_("The amount of “%(name)s” stays: it is the sum of its items.") % {"name": deal.title})
        if deal.amount_from_items:
            del told["amount"]
        values = {
            name: value for name, value in told.items() if value not in ("", None) and (self.overwrite or getattr(deal, name) in ("", None))
        }
        if "amount" in values and draft.values["currency"]:
            values["currency"] = draft.values["currency"]
        present = {tag.casefold() for tag in deal.tags}
        values["tags"] = [*deal.tags, *(tag for tag in draft.values["tags"] if tag.casefold() not in present)]
        custom = draft.values["custom"]
        values["custom"] = {**deal.custom, **custom} if self.overwrite else {**custom, **deal.custom}
        if deal.import_key is None and not draft.key.startswith("import-"):
            values["import_key"] = draft.key
        return values

    def _stands_elsewhere(self, draft: DealDraft, deal: Deal) -> bool:
        stage = self.importer.stage_called(draft.stage)
        return draft.outcome != deal.outcome or (not draft.outcome and stage is not None and stage.pk != deal.stage_id)

    def _date_terms(self, held: Mapping[int, Deal], outcomes: Sequence[Outcome]) -> None:
        """Amount, currency and expected close are dated from now on, as when somebody edits them."""
        dated = [outcome for outcome in outcomes if set(outcome.after) & set(TERMS)]
        now = timezone.now()
        rows = [
            DealTerms(deal=deal, since=now, by=self.importer.by, **deal.terms)
            for outcome in dated
            for deal in [held[outcome.record_id or 0]]
        ]
        for outcome, terms in zip(dated, DealTerms.objects.bulk_create(rows), strict=True):
            outcome.before["terms"], outcome.after["terms"] = None, terms.pk

    def _retell(self, held: Mapping[int, Deal], outcomes: Sequence[Outcome], visits: Mapping[str, list[Visit]]) -> None:
        """Histories that come along, where people here have not made one of their own since."""
        present: dict[int, list[StageVisit]] = {}
        asked = [deal.pk for draft, deal in self.known if draft.moves]
        for visit in StageVisit.objects.filter(deal__in=asked).select_related("stage", "lost_reason").order_by("deal", "seq"):
            present.setdefault(visit.deal_id, []).append(visit)
        told: dict[int, list[Visit]] = {}
        by_deal = {outcome.record_id: outcome for outcome in outcomes}
        for draft, deal in self.known:
            if not draft.moves or deal.pk not in held or are_as_told(visits[draft.key], present[deal.pk]):
                continue
            if any(visit.entered_by_id or visit.left_by_id for visit in present[deal.pk]):
                reason = _("The history of “%(name)s” stays: people have moved it here.") % {"name": deal.title}
                by_deal[deal.pk].reasons.append(reason)
            elif self.overwrite or any(visit.is_vague for visit in present[deal.pk]):
                told[deal.pk] = visits[draft.key]
        if told:
            deals = [held[pk] for pk in told]
            before = take_history(deals)
            after = retell(pipeline=self.importer.pipeline, deals=deals, told=told)
            for deal in deals:
                outcome = by_deal[deal.pk]
                outcome.before["history"], outcome.after["history"] = before[deal.pk], mark_of(after[deal.pk])

    def _finish(self, outcome: Outcome, held: Mapping[int, Deal]) -> None:
        if not outcome.after:
            outcome.action = RowAction.SKIPPED
            name = held[outcome.record_id or 0].title
            outcome.reasons = outcome.reasons or [_("“%(name)s” holds all of it already.") % {"name": name}]
