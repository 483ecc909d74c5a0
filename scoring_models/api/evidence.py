"""The evidence of a version that waits: read, and asked for anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads.api.shown import Named
from leadscoring.api.bodies import PageQuery, unusable
from leadscoring.api.fields import Digits, Text
from leadscoring.api.lists import Listed, page_of, place_in
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models.api.finding import find_version
from scoring_models.api.shown import EvidenceShown
from scoring_models.evidence_pack import behind, packs
from scoring_models.evidence_pack.impact import DIMENSIONS, Selection
from scoring_models.evidence_pack.packs import Pack
from scoring_models.models import Evidence, ModelVersion

READERS = (Role.MARKETING, Role.MANAGER, Role.ADMIN)
ASKERS = (Role.MARKETING, Role.MANAGER)
DIRECTIONS = ("up", "down", "any", "in", "out")
QUEUES = ("now", "then", "new")


class MovesQuery(PageQuery):
    moved = serializers.ChoiceField(
        choices=DIRECTIONS, required=False, help_text="Into another band; `in`, `out`: of the model."
    )
    was = Text(required=False, max_length=60, help_text="The key of the band now.")
    becomes = Text(required=False, max_length=60, help_text="The key of the band then.")
    queue = serializers.ChoiceField(choices=QUEUES, required=False, help_text="In sales' queue.")
    by = serializers.ChoiceField(choices=list(DIMENSIONS), required=False)
    group = Digits(
        required=False, min_value=0, max_value=1_000, help_text="Its place among `moves.groups` of `by`."
    )


class MovedShown(serializers.Serializer[Any]):
    """Bands by their keys; null where another model scores the lead."""

    lead = Named()
    was = serializers.CharField(allow_null=True)
    becomes = serializers.CharField(allow_null=True)


class MissedShown(serializers.Serializer[Any]):
    lead = Named()
    total = serializers.IntegerField()
    band = serializers.CharField()


@dataclass(frozen=True, slots=True)
class Shown:
    evidence: Evidence
    content: Any


@operation(scope=Scope.READ, roles=READERS, gives=EvidenceShown)
def show_evidence(call: Call, version_id: int) -> Shown:
    """The newest evidence about a version; while it is computed, without content."""
    version = find_version(version_id)
    asked, pack = packs.latest_request(version), packs.newest(version)
    if asked is None:
        raise DomainError("evidence.not_found", _("There is no evidence. It comes when the version is sent."))
    if pack is not None and pack.evidence.pk == asked.pk:
        return Shown(pack.evidence, pack.content)
    return Shown(asked, None)


@operation(scope=Scope.MODELS_WRITE, roles=ASKERS, gives=EvidenceShown, statuses=(202,))
def ask_for_evidence(call: Call, version_id: int) -> Shown:
    """Have the evidence of a version that waits computed anew."""
    return Shown(packs.ask_again(version=find_version(version_id), actor=call.user, at=call.at), None)


@operation(scope=Scope.READ, roles=READERS, query=MovesQuery, gives=page_of(MovedShown))
def list_moves(call: Call, version_id: int) -> Listed:
    """The leads behind a figure of the newest evidence, those that one may see."""
    version, pack = _whole(version_id)
    after = place_in(call.query.get("cursor")) or 0
    selection = _selection(pack, call.query)
    found, more = behind.moved(
        version, pack, selection, user=call.user, after=after, most=call.query["limit"]
    )
    was, becomes = (_keys(pack, name) for name in ("live_bands", "bands"))
    rows = [
        {
            "lead": lead,
            "was": None if moved.was is None else was[moved.was],
            "becomes": None if moved.becomes is None else becomes[moved.becomes],
        }
        for lead, moved in found
    ]
    return Listed(rows, next=str(found[-1][0].pk) if more else None)


@operation(scope=Scope.READ, roles=READERS, query=PageQuery, gives=page_of(MissedShown))
def list_missed(call: Call, version_id: int) -> Listed:
    """The won leads that a version would have left outside sales' bands, those that one may see."""
    version, pack = _whole(version_id)
    after = place_in(call.query.get("cursor")) or 0
    found, more = behind.missed(version, pack, user=call.user, after=after, most=call.query["limit"])
    bands = _keys(pack, "bands")
    rows = [{"lead": lead, "total": tested.total, "band": bands[tested.band]} for lead, tested in found]
    return Listed(rows, next=str(found[-1][0].pk) if more else None)


def _whole(version_id: int) -> tuple[ModelVersion, Pack]:
    version = find_version(version_id)
    pack = packs.newest(version)
    if pack is None:
        raise DomainError("evidence.not_found", _("There is no evidence. It comes when the version is sent."))
    return version, pack


def _selection(pack: Pack, query: Mapping[str, Any]) -> Selection:
    """Raises Problem where the evidence has no such band or group."""
    group: Mapping[str, Any] | None = {}
    if ("by" in query) != ("group" in query):
        raise unusable("group", _("Name a group by both `by` and `group`."), in_query=True)
    if "by" in query:
        group = behind.group(pack, query["by"], query["group"])
    if group is None:
        raise unusable("group", _("The evidence has no such group."), in_query=True)
    was, becomes = (
        _rank(pack, bands, query, name) for name, bands in (("was", "live_bands"), ("becomes", "bands"))
    )
    return Selection(was, becomes, query.get("moved", ""), queue=query.get("queue", ""), **group)


def _rank(pack: Pack, bands: str, query: Mapping[str, Any], name: str) -> int | None:
    if name not in query:
        return None
    keys = _keys(pack, bands)
    if query[name] not in keys:
        raise unusable(name, _("The evidence has no such band."), in_query=True)
    return keys.index(query[name])


def _keys(pack: Pack, bands: str) -> list[str]:
    return [band["key"] for band in pack.content["about"][bands]]


evidence = resource(get=show_evidence, post=ask_for_evidence)
moves = resource(get=list_moves)
missed = resource(get=list_missed)
