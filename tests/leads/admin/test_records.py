from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from leads.models import Account, Lead, Outcome, OutcomeKind, Override, Signal, SignalType
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role

NOW = datetime(2026, 5, 4, tzinfo=UTC)
SignIn = Callable[..., Client]
LISTS = ("lead", "signal", "outcome", "override")


@pytest.fixture
def teams(db: None) -> tuple[Team, Team]:
    return Team.objects.create(name="Ours"), Team.objects.create(name="Theirs")


@pytest.fixture
def leads(teams: tuple[Team, Team]) -> list[Lead]:
    """One lead of each team, with one of everything."""
    made = []
    author = User.objects.system()
    for team, name in zip(teams, ("Maren", "Tom"), strict=True):
        account = Account.objects.create(
            attributes={"company": f"{name}s Firma"}, company=f"{name}s firma".lower()
        )
        lead = Lead.objects.create(
            attributes={"first_name": name, "job_title": "VP"}, team=team, account=account
        )
        phoned = SignalType.objects.get(key="dm_received")
        Signal.objects.create(lead=lead, type=phoned, occurred_at=NOW, received_at=NOW, key=uuid4())
        Outcome.objects.create(lead=lead, kind=OutcomeKind.LOST, at=NOW, recorded_at=NOW)
        Override.objects.create(
            lead=lead, kind="hold", reason="other", author=author,
            starts_at=NOW, ends_at=NOW + timedelta(days=1),
        )  # fmt: skip
        made.append(lead)
    return made


@pytest.mark.parametrize("kind", LISTS)
def test_marketing_reads_all_and_a_manager_what_is_of_their_teams(
    signed_in: SignIn, leads: list[Lead], teams: tuple[Team, Team], kind: str
) -> None:
    path = reverse(f"admin:leads_{kind}_changelist")
    text = signed_in(Role.MARKETING).get(path).content.decode()
    assert "Maren" in text and "Tom" in text
    text = signed_in(Role.MANAGER, team=teams[0]).get(path).content.decode()
    assert "Maren" in text and "Tom" not in text


@pytest.mark.parametrize("kind", LISTS)
def test_a_rep_is_not_let_in(signed_in: SignIn, leads: list[Lead], kind: str) -> None:
    response = signed_in(Role.REP).get(reverse(f"admin:leads_{kind}_changelist"), follow=True)
    assert response.status_code == 403


@pytest.mark.parametrize("kind", LISTS)
def test_nothing_that_verbs_write_is_written_here(signed_in: SignIn, leads: list[Lead], kind: str) -> None:
    client = signed_in(*Role)
    row = apps.get_model("leads", kind)._default_manager.first()
    assert row is not None
    assert client.get(reverse(f"admin:leads_{kind}_change", args=(row.pk,))).status_code == 200
    for page in ("change", "delete"):
        path = reverse(f"admin:leads_{kind}_{page}", args=(row.pk,))
        assert client.post(path, {"post": "yes"}).status_code == 403
    assert client.get(reverse(f"admin:leads_{kind}_add")).status_code == 403


def test_a_lead_of_another_team_cannot_be_opened_by_its_number(
    signed_in: SignIn, leads: list[Lead], teams: tuple[Team, Team]
) -> None:
    client = signed_in(Role.MANAGER, team=teams[0])
    response = client.get(reverse("admin:leads_lead_change", args=(leads[1].pk,)), follow=True)
    assert "Tom" not in response.content.decode()


def test_marketing_gives_an_account_an_owner_and_nothing_else(signed_in: SignIn, leads: list[Lead]) -> None:
    account = Account.objects.earliest("pk")
    owner = User.objects.create_user("ana@company.example", name="Ana")
    Team.objects.get(name="Ours").members.add(owner)
    path = reverse("admin:leads_account_change", args=(account.pk,))
    given = {"owner": owner.pk, "company": "taken over"}
    assert signed_in(Role.MARKETING).post(path, given).status_code == 302
    account.refresh_from_db()
    assert account.owner == owner and account.company == "marens firma"
    assert AuditEntry.objects.get(action="account.changed").data == {"fields": ["owner"]}
    assert signed_in(Role.MANAGER).post(path, {"owner": ""}).status_code == 403


def test_an_owner_is_somebody_of_a_team(signed_in: SignIn, leads: list[Lead]) -> None:
    loner = User.objects.create_user("loner@company.example", name="Loner")
    path = reverse("admin:leads_account_change", args=(Account.objects.earliest("pk").pk,))
    text = signed_in(Role.MARKETING).post(path, {"owner": loner.pk}).content.decode()
    assert "Select a valid choice" in text
