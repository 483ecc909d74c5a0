"""What tests of ingestion begin with."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from leads.ingestion.lead_chunk import LeadsResult
from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leadscoring.ops.state import BASE_DIR
from leadscoring.people.models import Membership, Team, User
from leadscoring.people.roles import Role

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DATA = BASE_DIR.parent / "shared" / "data"

# The public files that nobody may ship lie beside the project, if at all.
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} isn't there")


@pytest.fixture
def sales(db: None) -> Team:
    """The default team."""
    return Team.objects.create(name="Sales", is_default=True)


def person(name: str, *roles: Role, team: Team | None = None) -> User:
    """A user with roles, perhaps in a team."""
    user = User.objects.create_user(f"{name}@example.com", name=name.capitalize())
    user.groups.set(Group.objects.filter(name__in=roles))
    if team is not None:
        Membership.objects.create(team=team, user=user)
    return user


def save(*rows: LeadRow, at: datetime = NOW, **options: object) -> LeadsResult:
    """Save rows as the system, at one moment."""
    return save_leads(rows, at=at, actor=User.objects.system(), **options)  # type: ignore[arg-type]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file with this text, its line ends as they are."""
    path.write_bytes(text.encode(encoding))
    return path
