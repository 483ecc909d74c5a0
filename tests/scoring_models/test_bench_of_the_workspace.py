"""That the bench of the workspace measures what it says; how fast it is, is for the bench."""

from django.utils import timezone

from leads.models import Claim
from leadscoring.people.models import User
from scoring_models.bench import workspace
from tests import company as companies


def test_a_page_is_timed_with_its_html_and_its_queries(db: None) -> None:
    ana = companies.found(now=timezone.now()).person("ana")
    found = workspace.pages([ana])
    assert found["page_queries"] == {"most": workspace.queries(workspace.signed_in(ana)), "target": 12} | {
        "reached": True
    }
    assert isinstance(found["page_kib"], float) and found["page_kib"] > 1


def test_a_crowd_gets_every_lead_once_and_gives_all_back(committed_db: None) -> None:
    company = companies.found(now=timezone.now())
    found = workspace.crowd([User.objects.get(pk=company.person(name).pk) for name in ("ana", "jon")])
    assert found["next_lead"]["given_twice"] == 0 and found["next_lead"]["presses"] == 2 * workspace.PRESSES
    assert not Claim.objects.exists()
