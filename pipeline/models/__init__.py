from pipeline.models.deals import Deal, DealTerms, NextStep, Outcome
from pipeline.models.pipelines import Colour, LostReason, Pipeline, Source, Stage
from pipeline.models.tallies import StageTally
from pipeline.models.visits import Exit, Fate, StageVisit

__all__ = [
    "Colour",
    "Deal",
    "DealTerms",
    "Exit",
    "Fate",
    "LostReason",
    "NextStep",
    "Outcome",
    "Pipeline",
    "Source",
    "Stage",
    "StageTally",
    "StageVisit",
]
