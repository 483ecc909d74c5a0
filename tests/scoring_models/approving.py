"""Approving as a reviewer does: on the evidence, which a worker has computed by then."""

from datetime import datetime

from leadscoring.people.models import User
from scoring_models import versions
from scoring_models.evidence_pack import packs
from scoring_models.models import ModelVersion


def evidence_of(version: ModelVersion) -> str:
    """The SHA-256 of the version's evidence, computed now if nobody has."""
    asked = packs.latest_request(version)
    assert asked is not None
    packs.work(evidence_id=asked.pk)
    pack = packs.newest(version)
    assert pack is not None, packs.latest_request(version).__dict__
    return pack.evidence.sha256


def approve(version: ModelVersion, *, actor: User, at: datetime) -> ModelVersion:
    """Approve a version that waits, as it is."""
    evidence = evidence_of(version)
    return versions.approve(version=version, digest=version.digest, evidence=evidence, actor=actor, at=at)
