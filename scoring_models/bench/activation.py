"""What going over to another version takes: until it is live, and until all leads have its scores."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from statistics import median

from django.utils import timezone

from leadscoring.people.models import User
from leadscoring.people.roles import Role
from leadscoring.people.users import invite
from scoring_models import drafts, rescoring, versions
from scoring_models.bench.evidence import draft
from scoring_models.bench.sessions import SESSIONS, Sessions
from scoring_models.evidence_pack import packs
from scoring_models.models import ModelVersion


@dataclass
class ActivationTimes:
    """Seconds, two entries a round: to another version with other points, and back."""

    live: list[float] = field(default_factory=list)
    scored: list[float] = field(default_factory=list)

    def measure(self, both: Sessions) -> None:
        """Go over and back. The first time the other version is made and approved, which isn't counted."""
        manager = _person("manager@bench.invalid", Role.MANAGER)
        first = ModelVersion.objects.get(number=1)
        for version in (_other(manager), first):
            start = time.perf_counter()
            if version.activations.exists():
                run = versions.go_back(version=version, actor=manager, at=timezone.now())
            else:
                run = versions.activate(version=version, actor=manager, at=timezone.now())
            self.live.append(time.perf_counter() - start)
            self.scored.append(both.time([partial(_work, run.pk)] * SESSIONS))

    def figures(self) -> dict[str, object]:
        """Medians."""
        return {
            "activation_until_live": {"ms": round(median(self.live) * 1000, 1)},
            "activation_until_scored": {"seconds": round(median(self.scored), 3)},
        }


def _work(run_id: int) -> None:
    while rescoring.work_next_shard(run_id=run_id):
        pass


def _other(manager: User) -> ModelVersion:
    """The other version, approved."""
    found = ModelVersion.objects.exclude(number=1).exclude(reviews=None).first()
    return found or _approved(manager, timezone.now())


def _approved(manager: User, now: datetime) -> ModelVersion:
    author = _person("author@bench.invalid", Role.MARKETING)
    version = versions.submit(version=drafts.create(spec=draft(), actor=author, at=now), actor=author, at=now)
    asked = packs.latest_request(version)
    assert asked is not None
    packs.work(evidence_id=asked.pk)
    pack = packs.newest(version)
    assert pack is not None
    return versions.approve(
        version=version, digest=version.digest, evidence=pack.evidence.sha256, actor=manager, at=now
    )


def _person(email: str, role: Role) -> User:
    found = User.objects.filter(email=email).first()
    return found or invite(
        email=email, name=role, roles=[role], teams=[], actor=User.objects.system(), at=timezone.now()
    )
