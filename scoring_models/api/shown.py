"""Models and versions as the API shows them."""

from typing import Any

from rest_framework import serializers

from leads.api.shown import Named
from scoring_models.models import Review, VersionState

STANDINGS = (*VersionState.values, "scheduled", "live", "retired")


class ActivationShown(serializers.Serializer[Any]):
    version = serializers.IntegerField(source="version_id")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    scheduled_at = serializers.DateTimeField(allow_null=True, help_text="When it was planned; null at once.")
    activated_by = Named()


class ModelShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="model.pk")
    name = serializers.CharField(source="model.name")
    position = serializers.IntegerField(source="model.position", help_text="Models are asked in this order.")
    owner = Named(source="model.owner", allow_null=True)
    live = ActivationShown(allow_null=True)
    planned = ActivationShown(allow_null=True)
    reviewed_at = serializers.DateTimeField(source="model.reviewed_at", allow_null=True)
    freshness = serializers.ChoiceField(choices=["fresh", "due", "stale"], allow_null=True)


class VersionShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="version.pk")
    model = serializers.IntegerField(source="version.model_id")
    model_name = serializers.CharField(source="version.model.name")
    number = serializers.IntegerField(source="version.number")
    state = serializers.ChoiceField(choices=STANDINGS)
    note = serializers.CharField(source="version.note", allow_blank=True)
    based_on = serializers.IntegerField(source="version.based_on_id", allow_null=True)
    digest = serializers.CharField(
        source="version.digest", allow_blank=True, help_text="SHA-256 of the frozen text; empty for a draft."
    )
    created_by = Named(source="version.created_by")
    created_at = serializers.DateTimeField(source="version.created_at")
    submitted_by = Named(source="version.submitted_by", allow_null=True)
    submitted_at = serializers.DateTimeField(source="version.submitted_at", allow_null=True)
    live_since = serializers.DateTimeField(source="standing.since", allow_null=True)
    starts_at = serializers.DateTimeField(source="standing.starts_at", allow_null=True)


class ReviewShown(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=Review.Decision.values)
    reviewer = Named()
    at = serializers.DateTimeField()
    comment = serializers.CharField(allow_blank=True)
    digest = serializers.CharField()
    evidence = serializers.CharField(allow_blank=True, help_text="SHA-256 of the evidence seen.")


class VersionDetail(VersionShown):
    editors = Named(many=True)
    reviews = ReviewShown(many=True)
    activations = ActivationShown(many=True)


class RunShown(serializers.Serializer[Any]):
    """Scoring all leads with a version."""

    id = serializers.IntegerField(source="run.pk")
    version = serializers.IntegerField(source="run.version_id")
    started_at = serializers.DateTimeField(source="run.started_at")
    finished_at = serializers.DateTimeField(source="run.finished_at", allow_null=True)
    stopped_at = serializers.DateTimeField(source="run.stopped_at", allow_null=True)
    done = serializers.IntegerField(source="progress.done", help_text="Leads scored so far.")
    total = serializers.IntegerField(source="progress.total")
    superseded = serializers.BooleanField(source="progress.superseded")


class RuleChangeShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    change = serializers.ChoiceField(choices=["new", "removed", "changed"])
    dimension = serializers.CharField()
    sentence = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    old_points = serializers.IntegerField(allow_null=True)
    new_points = serializers.IntegerField(allow_null=True)
    remarks = serializers.ListField(child=serializers.CharField())


class TextChangeShown(serializers.Serializer[Any]):
    title = serializers.CharField()
    change = serializers.ChoiceField(choices=["new", "removed", "changed"])
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)


class ListChangeShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    change = serializers.ChoiceField(choices=["new", "removed", "changed"])
    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())


class DiffShown(serializers.Serializer[Any]):
    """What changes from version `old` to version `new`."""

    old = serializers.IntegerField()
    new = serializers.IntegerField()
    rules = RuleChangeShown(many=True, source="diff.rules")
    bands = TextChangeShown(many=True, source="diff.bands")
    limits = TextChangeShown(many=True, source="diff.limits")
    lists = ListChangeShown(many=True, source="diff.lists")
    others = TextChangeShown(many=True, source="diff.others")
    lines = serializers.ListField(child=serializers.CharField(), help_text="The same as text.")


class EvidenceShown(serializers.Serializer[Any]):
    """What a version that waits is decided on. `content` is there once `sha256` is."""

    id = serializers.IntegerField(source="evidence.pk")
    as_of = serializers.DateTimeField(source="evidence.as_of")
    digest = serializers.CharField(source="evidence.digest")
    compared = serializers.IntegerField(source="evidence.compared_id", allow_null=True)
    sha256 = serializers.CharField(source="evidence.sha256", allow_blank=True)
    finished_at = serializers.DateTimeField(source="evidence.finished_at", allow_null=True)
    failed = serializers.CharField(source="evidence.failed", allow_blank=True)
    content = serializers.DictField(allow_null=True)
