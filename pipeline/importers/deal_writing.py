"""A chunk of deals on its way in: those that are there already are found, and left, filled in or updated; the others are added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from crm.importers.base import BadRow, Outcome
from crm.importers.journal import record_events
from crm.importers.known import names_agree
from crm.importers.notes import add_notes
from crm.importers.tags import add_tags
from crm.models import Duplicates, Event, RowAction
from pipeline import rules
from pipeline.importers.deal_changes import DealChanges
from pipeline.importers.deal_clients import DealClients
from pipeline.importers.deal_visits import visits_of
from pipeline.models import Deal, LostReason, Source, Stage
from pipeline.models import Outcome as DealOutcome
from pipeline.services.history import History, Visit, record_history

if TYPE_CHECKING:
    from pipeline.importers.deals import DealDraft, DealImporter


class DealWriter:
    """`found` holds for each draft the deal that it is already, or None."""

    def __init__(self, importer: DealImporter, drafts: Sequence[DealDraft]) -> None:
        self.importer, self.drafts = importer, drafts
        self.batch, self.by, self.pipeline = importer.batch, importer.by, importer.pipeline
        self.clients = DealClients(importer, drafts)
        # Called alike more than once, so that nobody can tell which one a row means.
        self.unsure: set[int] = set()
        self.found = self._find()
        self.outcomes: list[Outcome] = []

    # Finding.

    def _find(self) -> list[Deal | None]:
        """By the number in the other program; else by the title together with the contact, or the company where no contact is named."""
        keys = [draft.key for draft in self.drafts]
        numbered = Deal.objects.in_pipeline(self.pipeline).filter(import_key__in=keys).select_related("company", "contact")
        by_key = {deal.import_key: deal for deal in numbered}
        for draft in self.drafts:
            if (deal := by_key.get(draft.key)) and self._belongs_elsewhere(draft, deal):
                draft.key = self.importer.key_without_number(draft.rows)
        by_name = self._named([draft for draft in self.drafts if draft.key not in by_key])
        found: list[Deal | None] = []
        for index, draft in enumerate(self.drafts):
            deal = by_key.get(draft.key)
            if deal is None:
                alike = [each for each in by_name[self._name_of(draft)] if self._may_be(draft, each)]
                deal = alike[0] if alike else None
                if len(alike) > 1:
                    self.unsure.add(index)
                elif deal:  # one deal is one row
                    by_name[self._name_of(draft)].remove(deal)
            found.append(deal)
        self.seen = set(Deal.objects.visible_to(self.by).filter(pk__in=[deal.pk for deal in found if deal]).values_list("pk", flat=True))
        self.touched = self._touched([deal.pk for deal in found if deal])
        return found

    def _named(self, drafts: Sequence[DealDraft]) -> dict[tuple[str, str, int], list[Deal]]:
        names = {self._name_of(draft) for draft in drafts}
        by_name: dict[tuple[str, str, int], list[Deal]] = defaultdict(list)
        people = {pk for _title, what, pk in names if what == "contact"}
        firms = {pk for _title, what, pk in names if what == "company"}
        if not people and not firms:
            return by_name
        deals = Deal.objects.visible_to(self.by).filter(Q(contact__in=people) | Q(company__in=firms), pipeline=self.pipeline)
        titled = deals.annotate(plain=Lower("title")).filter(plain__in=sorted({title for title, _what, _pk in names}))
        known = list(titled.order_by("id"))
        touched = self._touched([deal.pk for deal in known])
        for deal in known:
            if deal.pk not in touched:  # rows of one file are different deals
                by_name[deal.title.lower(), "contact", deal.contact_id or 0].append(deal)
                by_name[deal.title.lower(), "company", deal.company_id or 0].append(deal)
        return by_name

    def _name_of(self, draft: DealDraft) -> tuple[str, str, int]:
        contact = self.clients.contact_of(draft)
        if contact or draft.contact or draft.emails:
            return draft.title.lower(), "contact", contact.pk if contact else -1
        company = self.clients.company_of(draft)
        return draft.title.lower(), "company", company.pk if company else -1

    def _may_be(self, draft: DealDraft, deal: Deal) -> bool:
        """Not where the same program knows them by different numbers."""
        system = draft.key.split(":")[0]
        return system.startswith("import-") or not (deal.import_key or "").startswith(f"{system}:")

    def _belongs_elsewhere(self, draft: DealDraft, deal: Deal) -> bool:
        """Files whose program isn't known may each count from one: neither title nor client is the same then."""
        company, contact = deal.company, deal.contact
        is_told = draft.company or draft.contact or draft.emails
        if self.batch.system or not is_told or not (company or contact) or names_agree(draft.title, deal.title):
            return False
        if company and draft.company and names_agree(draft.company, company.name):
            return False
        addresses = {row["address"] for row in draft.emails}
        is_same_contact = contact and (
            (draft.contact and names_agree(draft.contact, contact.name)) or any(row["address"] in addresses for row in contact.emails)
        )
        return not is_same_contact

    def _touched(self, ids: Iterable[int]) -> set[int]:
        """Those that an earlier row of this file has added or changed."""
        told = (
            Event.objects.filter(record="deal", record_id__in=list(ids), payload__import=self.batch.pk)
            if self.batch.pk
            else Event.objects.none()
        )
        return set(told.values_list("record_id", flat=True))

    # Writing.

    def write(self) -> list[Outcome]:
        self.outcomes += add_tags(self.drafts)
        fresh: list[DealDraft] = []
        known: list[tuple[DealDraft, Deal]] = []
        keys: set[str] = set()
        for index, (draft, deal) in enumerate(zip(self.drafts, self.found, strict=True)):
            if deal and self.batch.duplicates == Duplicates.ADD and deal.import_key != draft.key:
                deal = None
            if draft.key in keys or (deal and deal.pk in self.touched):
                self._skip(draft, deal, _("“%(name)s” stands in the file twice; the first row counts."))
            elif deal is None:
                fresh.append(draft)
            elif reason := self._reason_to_skip(index, deal):
                self._skip(draft, deal, reason)
            else:
                known.append((draft, deal))
            keys.add(draft.key)
        self._bring_in(fresh, known)
        record_events(self.batch, self.outcomes, self.by)
        return self.outcomes

    def _reason_to_skip(self, index: int, deal: Deal) -> str:
        if self.batch.duplicates in (Duplicates.SKIP, Duplicates.ADD):
            return _("“%(name)s” is there already.")
        if deal.pk not in self.seen or not rules.allows(self.by, "deal.edit", deal):
            return _("“%(name)s” belongs to somebody else and stays as it is.")
        if index in self.unsure:
            return _("Several deals are called “%(name)s”; without a number nobody can tell which one this is.")
        return ""

    def _skip(self, draft: DealDraft, deal: Deal | None, reason: str) -> None:
        pk = deal.pk if deal and deal.pk in self.seen else None
        self.outcomes.append(Outcome(draft.rows[0].line, "deal", pk, RowAction.SKIPPED, reasons=[reason % {"name": draft.title}]))

    def _bring_in(self, fresh: Sequence[DealDraft], known: Sequence[tuple[DealDraft, Deal]]) -> None:
        changes = DealChanges(self.importer, self.clients, known)
        drafts = [*fresh, *(draft for draft, _deal in known)]
        self.outcomes += self.clients.add_missing([*fresh, *changes.needing_clients()])
        stages = self._stages([*fresh, *changes.retold()])
        sources = self._choices(Source, "source", {draft.values["source"] for draft in drafts})
        lost = {draft.values["lost_reason"] for draft in (*fresh, *changes.retold()) if draft.outcome == DealOutcome.LOST}
        reasons = self._choices(LostReason, "lost_reason", lost)
        first = self.importer.stages[0]
        visits = {draft.key: visits_of(draft, first, stages, reasons, self.batch.created_at) for draft in (*fresh, *changes.retold())}
        added = self._add(fresh, visits, sources)
        # Last, since both lock the pipeline's columns: fields of deals after that, in the order that every writer keeps.
        outcomes = [*added, *changes.write(visits, sources)]
        words = {draft.rows[0].line: draft.note for draft in drafts}
        noted = [(outcome, words[outcome.line]) for outcome in outcomes if outcome.action in (RowAction.CREATED, RowAction.UPDATED)]
        self.outcomes += [*outcomes, *add_notes(noted, by=self.by)]

    def _add(self, fresh: Sequence[DealDraft], visits: Mapping[str, list[Visit]], sources: Mapping[str, Source]) -> list[Outcome]:
        if not fresh:
            return []
        record_history(pipeline=self.pipeline, histories=[self._history(draft, visits[draft.key], sources) for draft in fresh], by=self.by)
        keys = [draft.key for draft in fresh]
        deals = {deal.import_key: deal for deal in Deal.objects.in_pipeline(self.pipeline).filter(import_key__in=keys)}
        more = []
        for draft in fresh:
            # Which a history doesn't know.
            if draft.values["tags"] or draft.values["custom"]:
                deal = deals[draft.key]
                deal.tags, deal.custom = draft.values["tags"], draft.values["custom"]
                more.append(deal)
        Deal.objects.bulk_update(more, ["tags", "custom"])
        return [Outcome(draft.rows[0].line, "deal", deals[draft.key].pk, RowAction.CREATED) for draft in fresh]

    def _history(self, draft: DealDraft, visits: list[Visit], sources: Mapping[str, Source]) -> History:
        owner = draft.values["owner"]
        return History(
            title=draft.title,
            visits=visits,
            key=draft.key,
            amount=draft.values["amount"],
            currency=draft.values["currency"] or self.pipeline.currency,
            owner=owner,
            team=owner.team if owner else None,
            company=self.clients.company_of(draft),
            contact=self.clients.contact_of(draft),
            source=sources.get(draft.values["source"]),
            expected_close=draft.values["expected_close"],
        )

    def _stages(self, drafts: Sequence[DealDraft]) -> dict[str, Stage]:
        """The stage that each word means; an admin's import adds those that are missing."""
        importer = self.importer
        found: dict[str, Stage] = {}
        for word in sorted({word for draft in drafts for word in (draft.stage, *(stage for _at, stage in draft.moves))}):
            if stage := importer.stage_called(word):
                found[word] = stage
            elif importer.meaning(word) == importer.NEW:
                last = self.pipeline.stages.aggregate(last=Max("position"))["last"]
                name = importer.plain_stage(word)[:80]
                found[word] = Stage.objects.create(pipeline=self.pipeline, name=name, position=0 if last is None else last + 1)
                importer.stages.append(found[word])
                self.outcomes.append(Outcome(0, "stage", found[word].pk, RowAction.CREATED))
        if not importer.stages:
            raise BadRow(_("The pipeline has no stage."))
        return found

    def _choices(self, model: Any, record: str, names: set[str]) -> dict[str, Any]:
        """Sources or lost reasons by name or label, the missing ones added."""
        known = {name.casefold(): choice for choice in model.objects.all() for name in (*choice.labels.values(), choice.name)}
        found = {}
        for name in sorted(names - {""}):
            if name.casefold() not in known:
                known[name.casefold()] = model.objects.create(name=name)
                self.outcomes.append(Outcome(0, record, known[name.casefold()].pk, RowAction.CREATED))
            found[name] = known[name.casefold()]
        return found
