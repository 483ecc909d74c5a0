"""The evidence of a version that waits: read, and asked for anew."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models.api.finding import find_version
from scoring_models.api.shown import EvidenceShown
from scoring_models.evidence_pack import packs
from scoring_models.models import Evidence

READERS = (Role.MARKETING, Role.MANAGER, Role.ADMIN)
ASKERS = (Role.MARKETING, Role.MANAGER)


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


evidence = resource(get=show_evidence, post=ask_for_evidence)
