"""The cast, and versions at each step of their life."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group

import scoring_models
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import drafts, versions
from scoring_models.models import ModelVersion
from scoring_models.spec import GoldenLead, Spec
from scoring_models.spec_text import parse, spec_of
from tests.scoring_models.approving import approve

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
REFERENCE = Path(scoring_models.__file__).parent / "reference" / "linkedin_b2b.yaml"


@dataclass(frozen=True)
class Cast:
    """Mara and Milo write versions, Nina and Noel manage, Rob is a rep, Ada an admin, Sue may do anything."""

    mara: User
    milo: User
    nina: User
    noel: User
    both: User  # marketing and manager in one
    rob: User
    ada: User
    sue: User


def person(name: str, *roles: Role, is_superuser: bool = False) -> User:
    # Without a password: hashing one for each of the cast would take a test's whole time.
    user = User.objects.create_user(f"{name}@example.com", name=name.title(), is_superuser=is_superuser)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast(
        mara=person("mara", Role.MARKETING),
        milo=person("milo", Role.MARKETING),
        nina=person("nina", Role.MANAGER),
        noel=person("noel", Role.MANAGER),
        both=person("both", Role.MARKETING, Role.MANAGER),
        rob=person("rob", Role.REP),
        ada=person("ada", Role.ADMIN),
        sue=person("sue", is_superuser=True),
    )


@pytest.fixture
def reference(db: None) -> Spec:
    """The reference model with a golden lead, so that it has a part of each kind."""
    return replace(parse(REFERENCE.read_text()), golden=(GoldenLead("Nobody", (), (), "nurture", None),))


@pytest.fixture
def draft(cast: Cast, reference: Spec) -> ModelVersion:
    """Mara's draft of a model that was never live."""
    return drafts.create(spec=reference, actor=cast.mara, at=NOW)


SHORT = {"started-conversation", "comments", "idle", "target-title", "linkedin-ssi"}


@pytest.fixture
def short_draft(cast: Cast, reference: Spec) -> ModelVersion:
    """Mara's draft with a few rules of each dimension: the editor's page takes its time by their number."""
    few = tuple(rule for rule in reference.rules if rule.key in SHORT)
    return drafts.create(
        spec=replace(reference, rules=few, lists=reference.lists[:1]), actor=cast.mara, at=NOW
    )


@pytest.fixture
def in_review(cast: Cast, draft: ModelVersion) -> ModelVersion:
    return versions.submit(version=draft, actor=cast.mara, at=NOW)


@pytest.fixture
def approved(cast: Cast, in_review: ModelVersion) -> ModelVersion:
    return approve(in_review, actor=cast.nina, at=NOW)


@pytest.fixture
def live(cast: Cast, approved: ModelVersion) -> ModelVersion:
    versions.activate(version=approved, actor=cast.nina, at=NOW)
    return approved


def next_version(live: ModelVersion, cast: Cast, *, at: datetime) -> ModelVersion:
    """Another version, drafted by Mara and approved by Nina, not live yet."""
    spec = replace(spec_of(live), floor=-5)
    version = drafts.create(spec=spec, actor=cast.mara, at=at)
    version = versions.submit(version=version, actor=cast.mara, at=at)
    return approve(version, actor=cast.nina, at=at)
