"""Imports as the API shows them."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from leads.api.shown import Named
from leads.imports import jobs
from leads.imports.looking import Look, look
from leads.imports.plan import Plan, from_json
from leads.models import FileImport, FileKind, ImportState, SavedMapping
from leadscoring.errors import DomainError

MOST_OF_A_CELL = 200  # characters
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")


class Readable(serializers.CharField):
    """What stood in a file, without what is no text."""

    def to_representation(self, value: Any) -> str:
        return _HALF_OF_A_PAIR.sub("\ufffd", str(value))


class ImportSummary(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="job.pk")
    kind = serializers.ChoiceField(source="job.kind", choices=FileKind.choices)
    file_name = serializers.CharField(source="job.file_name")
    size = serializers.IntegerField(source="job.size", help_text="Bytes.")
    rows = serializers.IntegerField(
        source="job.rows", allow_null=True, help_text="Null until they are counted."
    )
    state = serializers.ChoiceField(source="job.state", choices=ImportState.values)
    failure = serializers.CharField(source="job.failure", help_text="Why it could not go on; else empty.")
    actor = Named(source="job.actor")
    uploaded_at = serializers.DateTimeField(source="job.uploaded_at")
    begun_at = serializers.DateTimeField(source="job.begun_at", allow_null=True)
    finished_at = serializers.DateTimeField(source="job.finished_at", allow_null=True)
    cancelled_at = serializers.DateTimeField(source="job.cancelled_at", allow_null=True)
    file_removed_at = serializers.DateTimeField(
        source="job.file_removed_at", allow_null=True, help_text="Files and refused rows go after two weeks."
    )


class RefusalShown(serializers.Serializer[Any]):
    line = serializers.IntegerField(source="number", help_text="In the file.")
    column = Readable(help_text="Empty where the whole row is meant.")
    reason = Readable()


class ColumnShown(serializers.Serializer[Any]):
    name = Readable()
    becomes = serializers.CharField(help_text="Empty: it isn't imported.")
    values = serializers.ListField(child=Readable(), help_text="Its first values, cut at 200 characters.")


class GuessShown(serializers.Serializer[Any]):
    """The file as it reads now, before anything of it is written."""

    encoding = serializers.CharField(source="table.encoding.name")
    encoding_is_guessed = serializers.BooleanField(
        source="table.encoding.guessed", help_text="Then look at names with accents."
    )
    delimiter = serializers.CharField(source="table.delimiter", help_text="Empty for a workbook.")
    sheet = Readable(source="table.sheet")
    sheets = serializers.ListField(child=Readable(), source="table.sheets")
    header_line = serializers.IntegerField(source="table.header.number")
    skipped_lines = serializers.ListField(
        child=serializers.IntegerField(), source="table.header.skipped", help_text="Above the header."
    )
    recognised_as = serializers.CharField(
        source="plan.recognised_as", help_text="Whose export it is, or the saved mapping; else empty."
    )
    columns = ColumnShown(many=True)
    rows = serializers.IntegerField(help_text="How many were looked at: the first 200.")
    more = serializers.BooleanField(help_text="Whether there are more.")
    refusals = RefusalShown(many=True, help_text="Of those rows, as far as shows before they are written.")


class PlanShown(serializers.Serializer[Any]):
    """How it is read, what its columns mean, and what holds for all its rows."""

    encoding = serializers.CharField(help_text="Empty: as guessed.")
    delimiter = serializers.CharField(help_text="Empty: as guessed.")
    sheet = serializers.CharField(help_text="Empty: the first with rows.")
    header_line = serializers.IntegerField(source="header_at", allow_null=True, help_text="Null: as guessed.")
    columns = serializers.DictField(child=serializers.CharField(), source="targets")
    missing = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # not the attribute of fields
    team = serializers.IntegerField(allow_null=True)
    owner = serializers.IntegerField(allow_null=True)
    outcome_column = serializers.CharField()
    converted = serializers.CharField()
    lost = serializers.CharField()
    disqualified = serializers.CharField()
    lead_key = serializers.CharField()
    type_name = serializers.CharField()
    timezone = serializers.CharField()


class ResultShown(serializers.Serializer[Any]):
    """What became of the rows so far."""

    read = serializers.IntegerField(default=0)
    created = serializers.IntegerField(default=0)
    updated = serializers.IntegerField(default=0)
    unchanged = serializers.IntegerField(default=0)
    refused = serializers.IntegerField(default=0)
    attached = serializers.IntegerField(default=0, help_text="Signals that had waited for these leads.")
    company_conflicts = serializers.IntegerField(
        default=0, help_text="Values of companies that differ from an earlier row's, which stay."
    )
    waiting = serializers.IntegerField(default=0, help_text="Signals whose lead isn't known yet.")
    duplicates = serializers.IntegerField(default=0, help_text="Signals that were known already.")
    conflicting = serializers.IntegerField(
        default=0, help_text="Of these with other content than what came first, which stays."
    )


class MadeShown(serializers.Serializer[Any]):
    """What the import made besides."""

    attributes = serializers.ListField(child=serializers.CharField(), default=list)
    signal_types = serializers.ListField(child=serializers.CharField(), source="types", default=list)
    team = serializers.CharField(default=None, allow_null=True)


class ImportShown(ImportSummary):
    plan = PlanShown()
    guess = GuessShown(allow_null=True, help_text="Until it begins, where the file can be read.")
    problem = serializers.CharField(help_text="Why it can't be read, or not be imported so; else empty.")
    result = ResultShown()
    refusals = RefusalShown(many=True, help_text="The first 50; all of them are in `…/refused/`.")
    made = MadeShown()


class MappingShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="saved.pk")
    kind = serializers.ChoiceField(source="saved.kind", choices=FileKind.choices)
    name = serializers.CharField(source="saved.name")
    made_by = Named(source="saved.made_by")
    made_at = serializers.DateTimeField(source="saved.made_at")
    plan = PlanShown()


def told(job: FileImport) -> Mapping[str, Any]:
    """All that is shown of an import."""
    progress, plan = jobs.progress(job), jobs.plan_of(job)
    seen, problem = _seen(job, plan) if job.begun_at is None else (None, "")
    return {
        "job": job,
        "plan": seen.plan if seen else plan,
        "guess": _guess(seen) if seen else None,
        "problem": problem,
        "result": progress.counts,
        "refusals": progress.refusals,
        "made": job.notes,
    }


def mapping_told(saved: SavedMapping) -> Mapping[str, Any]:
    return {"saved": saved, "plan": from_json(saved.plan)}


def _seen(job: FileImport, plan: Plan) -> tuple[Look | None, str]:
    try:
        seen = look(job, plan)
    except DomainError as refusal:
        return None, refusal.sentence
    return seen, seen.problem


def _guess(seen: Look) -> Mapping[str, Any]:
    columns = [
        {
            "name": column.name,
            "becomes": seen.plan.targets.get(column.name, ""),
            "values": [value[:MOST_OF_A_CELL] for value in column.values],
        }
        for column in seen.columns
    ]
    told = {name: getattr(seen, name) for name in ("table", "plan", "rows", "more", "refusals")}
    return {**told, "columns": columns}
