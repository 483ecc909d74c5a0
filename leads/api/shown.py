"""Leads, accounts and people as the API shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from rest_framework import serializers

from leads.effective import Effective, effective
from leads.models import Lead, Override, Score
from leads.overrides import active
from leads.scorer import Scales, scorer
from leadscoring.api.etags import etag_of


class Named(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")


class ScoreShown(serializers.Serializer[Any]):
    """The model's number, and the one that counts while somebody overrides it."""

    total = serializers.IntegerField(source="score.total")
    engagement = serializers.IntegerField(source="score.engagement")
    fit = serializers.IntegerField(source="score.fit")
    effective_total = serializers.IntegerField(source="effective.total")
    band = serializers.CharField(source="effective.band.key", help_text="By the effective total.")
    override = serializers.IntegerField(source="override_id", allow_null=True)
    version = serializers.IntegerField(source="score.version_id")
    scored_at = serializers.DateTimeField(source="score.scored_at")
    due_at = serializers.DateTimeField(
        source="score.due_at", allow_null=True, help_text="When time alone may change it next."
    )


class LeadShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="lead.pk")
    external_id = serializers.CharField(source="lead.external_id", allow_null=True)
    name = serializers.CharField(source="lead.name")
    attributes = serializers.DictField(
        child=serializers.CharField(), help_text="Of the person and the company, as they were given."
    )
    account = Named(source="lead.account", allow_null=True)
    team = Named(source="lead.team", allow_null=True)
    owner = Named(source="lead.owner", allow_null=True)
    is_open = serializers.BooleanField(source="lead.is_open")
    created_at = serializers.DateTimeField(source="lead.created_at")
    score = ScoreShown(source="scored", allow_null=True)

    def to_representation(self, instance: "ShownLead") -> dict[str, Any]:
        """What the fields say, written out: asked one by one they take ten times as long."""
        lead, scored = instance.lead, instance.scored
        return {
            "id": lead.pk,
            "external_id": lead.external_id,
            "name": lead.name,
            "attributes": instance.attributes,
            "account": _named(lead.account),
            "team": _named(lead.team),
            "owner": _named(lead.owner),
            "is_open": lead.is_open,
            "created_at": _moment(lead.created_at),
            "score": None if scored is None else _score(scored),
        }


@dataclass(frozen=True, slots=True)
class Scored:
    score: Score
    effective: Effective
    override_id: int | None


@dataclass(frozen=True, slots=True)
class ShownLead:
    """A lead with what counts of its score; None where it has none yet."""

    lead: Lead
    scored: Scored | None

    @property
    def attributes(self) -> dict[str, str]:
        company = self.lead.account.attributes if self.lead.account else {}
        return {key: str(value) for key, value in {**company, **self.lead.attributes}.items()}


def _named(one: Model | None) -> dict[str, Any] | None:
    return None if one is None else {"id": one.pk, "name": str(one)}


def _score(scored: Scored) -> dict[str, Any]:
    score, counted = scored.score, scored.effective
    return {
        "total": score.total,
        "engagement": score.engagement,
        "fit": score.fit,
        "effective_total": counted.total,
        "band": counted.band.key,
        "override": scored.override_id,
        "version": score.version_id,
        "scored_at": _moment(score.scored_at),
        "due_at": None if score.due_at is None else _moment(score.due_at),
    }


def _moment(at: datetime) -> str:
    """As the framework's own field writes it for programs, who are answered in UTC."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def shown(leads: Iterable[Lead], *, at: datetime) -> list[ShownLead]:
    """Leads, whose `account`, `team`, `owner` and `score` are loaded, with what counts now."""
    leads = list(leads)
    scales = scorer().scales()
    overrides = _overrides(leads, at=at) if scales.live else {}
    return [ShownLead(lead, _scored(lead, overrides.get(lead.pk), scales)) for lead in leads]


def lead_tag(one: ShownLead) -> str:
    """The ETag of a lead: of what can be edited, since its score changes by itself."""
    lead = one.lead
    return etag_of([lead.pk, lead.external_id, one.attributes, lead.account_id, lead.team_id, lead.owner_id])


def _overrides(leads: Sequence[Lead], *, at: datetime) -> dict[int, Override]:
    ids = [lead.pk for lead in leads]
    return {override.lead_id: override for override in active(at=at).filter(lead__in=ids)}


def _scored(lead: Lead, override: Override | None, scales: Scales) -> Scored | None:
    score: Score | None = getattr(lead, "score", None)
    if score is None or not scales.all:
        return None
    counted = effective(score, override, scales.of(score.version_id))
    return Scored(score, counted, override.pk if override else None)
