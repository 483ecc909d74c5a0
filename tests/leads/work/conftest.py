"""A cast of people, and leads with given scores.

North: Alice and Bob are reps, Carol manages. South: Dan is a rep, Erin manages. Mia is in marketing and
Adam an admin, in no team.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from leads.effective import band_of
from leads.models import Lead, Score
from leads.models.score import NEVER
from leads.outcomes import CallResult, reasons_of
from leads.scorer import Scale, scorer
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.leads.work.fixed_scorer import REFERENCE, FixedScorer

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def live_scale(settings: Settings) -> Iterator[Scale]:
    """The reference model's bands are live."""
    settings.LEADS_SCORER = "tests.leads.work.fixed_scorer.FixedScorer"
    scorer.cache_clear()
    yield REFERENCE
    FixedScorer.live, FixedScorer.before, FixedScorer.earlier = REFERENCE, (), ()
    scorer.cache_clear()


@dataclass(frozen=True)
class Cast:
    north: Team
    south: Team
    alice: User
    bob: User
    carol: User
    dan: User
    erin: User
    mia: User
    adam: User


def person(name: str, role: Role | None, team: Team | None = None) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.com", name=name)
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
    if team is not None:
        user.memberships.create(team=team)
    return user


def fresh(user: User) -> User:
    """The same person as in another request: nothing about them is cached."""
    return User.objects.get(pk=user.pk)


def make_cast() -> Cast:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    return Cast(
        north=north,
        south=south,
        alice=person("Alice", Role.REP, north),
        bob=person("Bob", Role.REP, north),
        carol=person("Carol", Role.MANAGER, north),
        dan=person("Dan", Role.REP, south),
        erin=person("Erin", Role.MANAGER, south),
        mia=person("Mia", Role.MARKETING),
        adam=person("Adam", Role.ADMIN),
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def make_lead(
    team: Team | None,
    total: int = 70,
    *,
    owner: User | None = None,
    is_open: bool = True,
    last_intent_at: datetime = NEVER,
    scale: Scale = REFERENCE,
    **fields: Any,
) -> Lead:
    """A lead with a stored score."""
    lead = Lead.objects.create(team=team, owner=owner, is_open=is_open, **fields)
    make_score(lead, total, last_intent_at=last_intent_at, scale=scale)
    return lead


def why(result: CallResult) -> str:
    """A reason where the result asks for one."""
    return next(iter(reasons_of(result)), "")


def make_score(
    lead: Lead, total: int, *, last_intent_at: datetime = NEVER, scale: Scale = REFERENCE
) -> Score:
    return Score.objects.create(
        lead=lead,
        version_id=scale.version_id,
        scored_at=NOW,
        last_intent_at=last_intent_at,
        engagement=total,
        fit=0,
        total=total,
        band=band_of(total, scale).rank,
        is_open=lead.is_open,
        hits=0,
        team_id=lead.team_id,
        owner_id=lead.owner_id,
    )
