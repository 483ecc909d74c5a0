"""A change of the reference model, and leads that it moves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.contrib.auth.models import Group

from leads.models import Lead
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models.spec import Spec
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.planting import plant
from tests.scoring_models.reference import REFERENCE

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TYPES = ("profile_view", "post_comment", "content_save", "connection_request_received", "dm_received")
BANDS = tuple(
    replace(band, worked_by="marketing" if band.lower_edge is None else "sales") for band in REFERENCE.bands
)
LIVE = replace(REFERENCE, bands=BANDS)


def changed(spec: Spec, **points: int) -> Spec:
    """The spec with other points for some rules, by key."""
    rules = (replace(rule, points=points.get(rule.key, rule.points)) for rule in spec.rules)
    return replace(spec, rules=tuple(rules))


DRAFT = changed(LIVE, comments=30, conversation=25)


def facts(seed: int) -> LeadFacts:
    """Some lead or other, with signals over the last 100 days."""
    random = Random(seed)
    signals = [
        SignalFact(random.choice(TYPES), NOW - timedelta(days=random.uniform(0, 100)))
        for _ in range(random.choice((0, 1, 3, 6)))
    ]
    return LeadFacts(
        NOW - timedelta(days=120),
        {"job_title": random.choice(("VP", "Clerk")), "source": random.choice(("Webinar", "Fair"))},
        {"industry": random.choice(("Software", "Steel")), "company_size": "51-200"},
        tuple(signals),
    )


FACTS = [facts(seed) for seed in range(60)]


@pytest.fixture
def teams(db: None) -> list[Team]:
    """East with two reps who work 3 leads a day each, West with nobody yet."""
    east = Team.objects.create(name="East", is_default=True, leads_a_rep_a_day=3)
    west = Team.objects.create(name="West")
    for name, is_active in (("ana", True), ("jon", True), ("gone", False)):
        user = User.objects.create_user(f"{name}@example.com", name=name.title(), is_active=is_active)
        user.groups.add(Group.objects.get(name=Role.REP))
        user.memberships.create(team=east)
    return [east, west]


@pytest.fixture
def leads(teams: list[Team]) -> list[int]:
    """Sixty leads in turn of East, West and no team; every tenth is closed."""
    ids = plant(FACTS)
    for place, lead_id in enumerate(ids):
        team = [*teams, None][place % 3]
        Lead.objects.filter(pk=lead_id).update(team=team, is_open=place % 10 != 9)
    return ids
