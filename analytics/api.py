"""The figures for other programs: the same questions and the same counting as on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.definitions import DEFINITIONS
from analytics.forms import ReportForm
from analytics.queries.filters import Cohort, Count, Filters, Per
from analytics.queries.funnel import Funnel, StageFunnel, funnel
from analytics.queries.time_in_stage import StageTime, TimeInStage, time_in_stage
from crm.models import Organisation
from pipeline.models import Pipeline

PARAMETERS = [
    OpenApiParameter("pipeline", OpenApiTypes.INT, required=True, description="The pipeline's id."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="First day of the period, in the organisation's zone."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Last day of the period, inclusive."),
    OpenApiParameter(
        "as_of", OpenApiTypes.DATETIME, description="Only what happened before this time is known. A day means its end; absent: now."
    ),
    OpenApiParameter("owner", OpenApiTypes.INT, description="Deals of this person, as of the time asked for."),
    OpenApiParameter("team", OpenApiTypes.INT, description="Deals of this team, as of the time asked for."),
    OpenApiParameter("source", OpenApiTypes.INT, description="Deals from this source."),
    OpenApiParameter(
        "segment", OpenApiTypes.INT, description="Deals that this saved view finds today, by themselves, their contact or company."
    ),
    OpenApiParameter("cohort", enum=Cohort.values, description="`created`: deals that began in the period; `entered`: chosen per stage."),
]
FUNNEL_PARAMETERS = [
    *PARAMETERS,
    OpenApiParameter("count", enum=Count.values, description="`furthest`: reached or passed; `visited`: only who stayed there."),
    OpenApiParameter("horizon_days", OpenApiTypes.INT, description="The horizon of the matured conversion, 1 to 3650; 90 if absent."),
]
TIME_PARAMETERS = [*PARAMETERS, OpenApiParameter("per", enum=Per.values, description="`visit`, or `deal`: all its visits added up.")]
REFUSALS = {
    400: OpenApiResponse(description="A filter can't be read: `{filter: [why]}`."),
    404: OpenApiResponse(description="No such pipeline, person, team or source, or not for you to see."),
}

FUNNEL_EXAMPLE = {
    "pipeline": 1,
    "as_of": "2026-04-11T09:00:00Z",
    "zone": "Europe/Moscow",
    "stages": [
        {
            "stage": 3,
            "name": "Proposal",
            "entered": 7,
            "advanced": 4,
            "lost": 2,
            "open": 1,
            "skipped": 0,
            "conversion": 0.571429,
            "conversion_matured": {
                "rate": 0.571429,
                "low": 0.171941,
                "high": 0.837133,
                "horizon_days": 90,
                "observed_days": 70.0,
                "undated": 0,
            },
        }
    ],
    "n": 12,
    "won": 4,
    "lost": 3,
    "open": 5,
    "win_rate": 0.571429,
    "wins_per_created": 0.333333,
}
TIME_EXAMPLE = {
    "pipeline": 1,
    "as_of": "2026-04-11T09:00:00Z",
    "zone": "Europe/Moscow",
    "per": "visit",
    "stages": [
        {
            "stage": 3,
            "name": "Proposal",
            "n": 8,
            "open": 1,
            "median_days": 10.0,
            "p75_days": 15.0,
            "p90_days": None,
            "mean_exited_days": 10.428571,
            "reentries": 1,
        }
    ],
}


class MaturedSerializer(serializers.Serializer):
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    horizon_days = serializers.IntegerField()
    observed_days = serializers.FloatField(help_text="How long the longest-watched deal has been watched, at most the horizon.")
    undated = serializers.IntegerField(help_text="Deals left out: an import without a history of stages tells not when they came here.")


class StageFunnelSerializer(serializers.Serializer):
    stage = serializers.IntegerField()
    name = serializers.CharField()
    entered = serializers.IntegerField()
    advanced = serializers.IntegerField()
    lost = serializers.IntegerField()
    open = serializers.IntegerField()
    skipped = serializers.IntegerField()
    conversion = serializers.FloatField(allow_null=True)
    conversion_matured = MaturedSerializer()


class ReportSerializer(serializers.Serializer):
    pipeline = serializers.IntegerField()
    currency = serializers.CharField()
    as_of = serializers.DateTimeField()
    zone = serializers.CharField()
    cohort = serializers.CharField()
    resolution_seconds = serializers.FloatField(help_text="Durations are counted in steps of this length, upwards.")
    definitions = serializers.DictField(child=serializers.CharField())


class FunnelSerializer(ReportSerializer):
    stages = StageFunnelSerializer(many=True)
    count = serializers.CharField()
    n = serializers.IntegerField()
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    open = serializers.IntegerField()
    win_rate = serializers.FloatField(allow_null=True)
    wins_per_created = serializers.FloatField(allow_null=True)
    amounts_won = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=2))
    recorded_since = serializers.DateTimeField(allow_null=True)


class StageTimeSerializer(serializers.Serializer):
    stage = serializers.IntegerField()
    name = serializers.CharField()
    n = serializers.IntegerField()
    open = serializers.IntegerField()
    p25_days = serializers.FloatField(allow_null=True)
    median_days = serializers.FloatField(allow_null=True)
    median_low_days = serializers.FloatField(allow_null=True)
    median_high_days = serializers.FloatField(allow_null=True)
    p75_days = serializers.FloatField(allow_null=True)
    p75_low_days = serializers.FloatField(allow_null=True)
    p75_high_days = serializers.FloatField(allow_null=True)
    p90_days = serializers.FloatField(allow_null=True)
    p90_low_days = serializers.FloatField(allow_null=True)
    p90_high_days = serializers.FloatField(allow_null=True)
    mean_exited_days = serializers.FloatField(allow_null=True)
    reentries = serializers.IntegerField()
    back_moves = serializers.IntegerField()


class TimeInStageSerializer(ReportSerializer):
    per = serializers.CharField()
    stages = StageTimeSerializer(many=True)


@extend_schema(
    operation_id="funnel",
    summary="The funnel: who entered each stage, who advanced, was lost, is open",
    parameters=FUNNEL_PARAMETERS,
    responses={200: FunnelSerializer} | REFUSALS,
    examples=[OpenApiExample("Twelve deals", value=FUNNEL_EXAMPLE, response_only=True, status_codes=["200"])],
)
@api_view(["GET"])
def show_funnel(request: Request) -> Response:
    pipeline, filters = _read_question(request)
    return Response(_funnel(funnel(pipeline=pipeline, viewer=request.user, filters=filters)))


@extend_schema(
    operation_id="time_in_stage",
    summary="Time in stage, open stays counted as what they are: not over",
    parameters=TIME_PARAMETERS,
    responses={200: TimeInStageSerializer} | REFUSALS,
    examples=[OpenApiExample("Twelve deals", value=TIME_EXAMPLE, response_only=True, status_codes=["200"])],
)
@api_view(["GET"])
def show_time_in_stage(request: Request) -> Response:
    pipeline, filters = _read_question(request)
    return Response(_time(time_in_stage(pipeline=pipeline, viewer=request.user, filters=filters)))


def _read_question(request: Request) -> tuple[Pipeline, Filters]:
    organisation: Organisation = request.organisation
    form = ReportForm(request.query_params, viewer=request.user, organisation=organisation, now=request.now)
    if not form.is_valid():
        raise serializers.ValidationError({name: [str(error) for error in errors] for name, errors in form.errors.items()})
    return form.find_pipeline(), form.find_filters()


def _head(report: Funnel | TimeInStage, kinds: tuple[str, ...]) -> dict[str, Any]:
    at: datetime = report.filters.at
    return {
        "pipeline": report.pipeline.pk,
        "currency": report.pipeline.currency,
        "as_of": at.isoformat(),
        "zone": str(report.filters.zone),
        "cohort": str(report.filters.cohort),
        "resolution_seconds": report.resolution_seconds,
        "definitions": {kind: str(DEFINITIONS[kind]) for kind in kinds},
    }


def _funnel(report: Funnel) -> dict[str, Any]:
    return _head(
        report, ("entered", "skipped", "advanced", "lost", "open", "conversion", "conversion_matured", "win_rate", "wins_per_created")
    ) | {
        "count": str(report.filters.count),
        "stages": [_stage(stage, report.filters) for stage in report.stages],
        "n": report.deals,
        "won": report.won,
        "lost": report.lost,
        "open": report.open,
        "win_rate": report.win_rate,
        "wins_per_created": report.wins_per_created,
        "amounts_won": {currency: str(amount) for currency, amount in report.won_amounts},
        "recorded_since": report.recorded_since.isoformat() if report.recorded_since else None,
    }


def _stage(row: StageFunnel, filters: Filters) -> dict[str, Any]:
    matured = row.matured
    return {
        "stage": row.stage.pk,
        "name": row.stage.label,
        "entered": row.entered,
        "advanced": row.advanced,
        "lost": row.lost,
        "open": row.open,
        "skipped": row.skipped,
        "conversion": row.conversion,
        "conversion_matured": {
            "rate": matured.rate if matured else None,
            "low": matured.low if matured else None,
            "high": matured.high if matured else None,
            "horizon_days": filters.horizon_days,
            "observed_days": row.observed_days,
            "undated": row.undated,
        },
    }


def _time(report: TimeInStage) -> dict[str, Any]:
    return _head(report, ("n", "median", "p75", "p90", "mean_exited", "reentries", "back_moves")) | {
        "per": str(report.filters.per),
        "stages": [_stage_time(stage) for stage in report.stages],
    }


def _stage_time(row: StageTime) -> dict[str, Any]:
    answer = {"stage": row.stage.pk, "name": row.stage.label, "n": row.n, "open": row.open, "p25_days": row.p25.time}
    for name, quantile in (("median", row.median), ("p75", row.p75), ("p90", row.p90)):
        answer |= {f"{name}_days": quantile.time, f"{name}_low_days": quantile.low, f"{name}_high_days": quantile.high}
    return answer | {"mean_exited_days": row.mean_exited_days, "reentries": row.reentries, "back_moves": row.back_moves}
