"""The evidence of a version that waits: asked for, computed part by part under a lease, then frozen.

PostgreSQL owns the state. A worker that dies loses its lease, and the next one goes on from the last part.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import wake
from scoring_models.evaluation import frozen_spec
from scoring_models.evidence_pack.parts import PARTS, Subject
from scoring_models.live import live_after, live_before, live_version
from scoring_models.locks import locked
from scoring_models.models import Evidence, ModelVersion, Review, VersionState
from scoring_models.permissions import Step, may, require
from scoring_models.spec import Spec
from scoring_models.spec_text import thaw

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # for one part, of ten million leads
MOST_TRIES = 5


class LeaseLost(Exception):
    """Another worker has taken the pack over."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Frozen evidence: its row, and its content as it was written."""

    evidence: Evidence
    content: Mapping[str, Any]


def ask(*, version: ModelVersion, actor: User, at: datetime) -> Evidence:
    """Have the evidence of a frozen version computed, as of now. Call it in the verb's transaction."""
    _unfinished().filter(version=version).update(failed=_("Asked for again."))
    live = live_version(version.model, at=at)
    asked = Evidence.objects.create(
        version=version, digest=version.digest, compared=live, as_of=at, requested_by=actor
    )
    wake.evidence(asked.pk)
    return asked


def ask_again(*, version: ModelVersion, actor: User, at: datetime) -> Evidence:
    """Have the evidence of a version that waits computed anew, for who may send or review it.

    Raises DomainError: `not_allowed`, `not_in_review`.
    """
    if not may(actor, Step.REVIEW):
        require(actor, Step.SUBMIT)
    with transaction.atomic():
        waiting = locked(version)
        if waiting.state != VersionState.IN_REVIEW:
            raise DomainError("not_in_review", _("This version doesn't wait for approval any more."))
        asked = ask(version=waiting, actor=actor, at=at)
        record(action="evidence.asked_for", target=waiting, actor=actor, at=at, evidence=asked.pk)
    return asked


def newest(version: ModelVersion) -> Pack | None:
    """The newest whole evidence about the version's frozen text."""
    whole = Evidence.objects.filter(version=version, digest=version.digest, finished_at__isnull=False)
    return _pack(whole.order_by("-pk"))


def seen_at_approval(version: ModelVersion) -> Pack | None:
    """The evidence that the version's approval rests on."""
    seen = version.reviews.filter(decision=Review.Decision.APPROVE, digest=version.digest)
    return _pack(
        version.evidence.filter(sha256__in=seen.exclude(evidence="").values("evidence")).order_by("pk")
    )


def find(version: ModelVersion, evidence_id: int) -> Pack | None:
    """Whole evidence about the version's frozen text, by its id."""
    whole = version.evidence.filter(pk=evidence_id, digest=version.digest, finished_at__isnull=False)
    return _pack(whole)


def latest_request(version: ModelVersion) -> Evidence | None:
    """The last evidence that was asked for, whole or not."""
    return version.evidence.filter(digest=version.digest).order_by("-pk").first()


def check_seen(version: ModelVersion, seen: str) -> None:
    """Raise DomainError `no_evidence` or `changed_since` unless `seen` is the SHA-256 of the newest."""
    pack = newest(version)
    if pack is None:
        raise DomainError(
            "no_evidence", _("The evidence isn't ready yet. Approve when you have seen it on this page.")
        )
    if pack.evidence.sha256 != seen:
        raise DomainError("changed_since", _("The evidence changed since you opened it. Look again."))


def work(*, evidence_id: int) -> None:
    """Compute what is missing of a pack and freeze it, unless somebody else does or it isn't wanted now."""
    lease = _claim(evidence_id)
    if lease is None:
        return
    try:
        _compute(lease)
    except LeaseLost:
        log.warning("Evidence %d was taken over by another worker.", evidence_id)
    except DomainError as refusal:
        _held(lease).update(failed=refusal.sentence, leased_until=None)


def abandoned() -> list[int]:
    """Packs that nobody computes."""
    return list(_free().order_by("pk").values_list("pk", flat=True))


def part_count() -> int:
    """How many parts evidence has."""
    return len(PARTS)


def canonical(content: object) -> str:
    """The one text of a content: keys sorted, nothing spelt in two ways."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _claim(evidence_id: int) -> Evidence | None:
    with transaction.atomic():
        free = _free().select_related("version__model", "compared").filter(pk=evidence_id)
        lease = free.select_for_update(of=("self",), skip_locked=True).first()
        if lease is None:
            return None
        if reason := _not_wanted(lease):
            Evidence.objects.filter(pk=lease.pk).update(failed=reason)
            return None
        lease.fence += 1
        Evidence.objects.filter(pk=lease.pk).update(
            leased_until=Now() + LEASE, fence=lease.fence, tries=F("tries") + 1
        )
        return lease


def _not_wanted(lease: Evidence) -> str:
    if lease.version.digest != lease.digest:
        return _("The version was withdrawn.")
    return _("It couldn't be computed. Ask for it again.") if lease.tries >= MOST_TRIES else ""


def _compute(lease: Evidence) -> None:
    compared = lease.compared
    subject = Subject(
        spec=thaw(lease.version.frozen),
        live=thaw(compared.frozen) if compared else None,
        live_number=compared.number if compared else None,
        number=lease.version.number,
        as_of=lease.as_of,
        model=lease.version.model.name,
        before=_specs(live_before(lease.version.model, at=lease.as_of)),
        after=_specs(live_after(lease.version.model, at=lease.as_of)),
    )
    for name, part in PARTS.items():
        if name not in lease.parts:
            lease.parts[name] = part(subject, lease.parts)
            _keep(lease, parts=lease.parts, leased_until=Now() + LEASE)
    text = canonical(lease.parts)
    digest = sha256(text.encode()).hexdigest()
    _keep(lease, parts={}, content=text, sha256=digest, finished_at=Now(), leased_until=None)


def _specs(versions: Sequence[ModelVersion]) -> tuple[tuple[str, Spec], ...]:
    return tuple((version.model.name, frozen_spec(version.digest)) for version in versions)


def _keep(lease: Evidence, **values: object) -> None:
    if not _held(lease).update(**values):
        raise LeaseLost


def _held(lease: Evidence) -> QuerySet[Evidence]:
    return _unfinished().filter(pk=lease.pk, fence=lease.fence)


def _unfinished() -> QuerySet[Evidence]:
    return Evidence.objects.filter(finished_at=None, failed="")


def _free() -> QuerySet[Evidence]:
    return _unfinished().filter(Q(leased_until=None) | Q(leased_until__lt=Now()))


def _pack(found: QuerySet[Evidence]) -> Pack | None:
    evidence = found.select_related("compared").first()
    return Pack(evidence, json.loads(evidence.content)) if evidence else None
