from pipeline.models.checklists import ChecklistItem, ChecklistTick
from pipeline.models.competitors import DealCompetitor
from pipeline.models.deals import Deal, DealTerms, NextStep, Outcome
from pipeline.models.line_items import DiscountKind, LineItem, Sums, sums_of
from pipeline.models.people import ContactRole, DealContact
from pipeline.models.pipelines import Colour, Competitor, LostReason, Pipeline, Source, Stage
from pipeline.models.products import Product
from pipeline.models.quotes import Quote, QuoteCounter, QuoteFile, QuoteState, Seller
from pipeline.models.sights import DealVisitMark
from pipeline.models.tallies import StageTally
from pipeline.models.visits import Exit, Fate, StageVisit

__all__ = [
    "ChecklistItem",
    "ChecklistTick",
    "Colour",
    "Competitor",
    "ContactRole",
    "Deal",
    "DealCompetitor",
    "DealContact",
    "DealTerms",
    "DealVisitMark",
    "DiscountKind",
    "Exit",
    "Fate",
    "LineItem",
    "LostReason",
    "NextStep",
    "Outcome",
    "Pipeline",
    "Product",
    "Quote",
    "QuoteCounter",
    "QuoteFile",
    "QuoteState",
    "Seller",
    "Source",
    "Stage",
    "StageTally",
    "StageVisit",
    "Sums",
    "sums_of",
]
