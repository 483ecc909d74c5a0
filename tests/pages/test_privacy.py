"""An objection to profiling takes a lead out of scoring and queue at once, and is kept."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from leads import activities, privacy
from leads.models import Lead, Score, Stale
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from scoring_models import scoring
from tests import company as companies
from tests.company import LEADS, Company

SignIn = Callable[[str], Client]


def test_it_leaves_scores_and_queue_at_once_and_says_so(sign_in: SignIn, company: Company) -> None:
    client, freya = sign_in("ana"), company.lead("Freya")
    path = f"/leads/{freya.pk}/object/"
    assert "taken away at once" in client.get(path).content.decode()
    assert Score.objects.filter(lead=freya).exists()
    client.post(path, {"sure": "yes"})
    assert not Score.objects.filter(lead=freya).exists()
    assert f'data-row="/leads/{freya.pk}/"' not in client.get("/queue/?only=now").content.decode()
    assert "objected to being scored" in client.get(f"/leads/{freya.pk}/").content.decode()
    assert AuditEntry.objects.filter(action="lead.objected", object_id=str(freya.pk)).exists()

    client.post(f"/leads/{freya.pk}/object/withdraw/")
    companies.score()
    assert Score.objects.filter(lead=freya).exists()


def test_no_pass_scores_it_and_no_import_forgets_it(company: Company) -> None:
    freya = company.lead("Freya")
    privacy.object_to_profiling(lead_id=freya.pk, actor=company.person("mara"), at=timezone.now())
    companies.happen(freya, "dm_received", at=timezone.now())
    companies.score()
    scoring.score_leads([freya.pk])
    scoring.score_range(low=0, high=freya.pk + 1)
    scoring.score_due()
    companies.add_leads(LEADS, now=timezone.now())
    assert not Stale.objects.exists()
    assert not Score.objects.filter(lead=freya).exists()
    assert Lead.objects.get(pk=freya.pk).objected_at is not None


def test_a_score_that_a_pass_under_way_still_wrote_is_taken_away(company: Company) -> None:
    freya = company.lead("Freya")
    Lead.objects.filter(pk=freya.pk).update(objected_at=timezone.now())
    assert Score.objects.filter(lead=freya).exists()
    scoring.score_due()
    assert not Score.objects.filter(lead=freya).exists()


def test_both_ways_can_be_undone(company: Company) -> None:
    freya, mara, now = company.lead("Freya"), company.person("mara"), timezone.now()
    noted = privacy.object_to_profiling(lead_id=freya.pk, actor=mara, at=now)
    withdrawn = privacy.withdraw_objection(lead_id=freya.pk, actor=mara, at=now)
    activities.undo(activity_id=withdrawn.pk, actor=mara, at=now)
    assert Lead.objects.get(pk=freya.pk).objected_at == now
    activities.undo(activity_id=noted.pk, actor=mara, at=now)
    companies.score()
    assert Score.objects.filter(lead=freya).exists()


@pytest.mark.parametrize(("name", "code"), [("sam", "privacy.not_yours"), ("rita", "lead.not_found")])
def test_marketing_and_other_teams_may_not(company: Company, name: str, code: str) -> None:
    freya, person = company.lead("Freya"), company.person(name)
    for verb in (privacy.object_to_profiling, privacy.withdraw_objection):
        with pytest.raises(DomainError) as refused:
            verb(lead_id=freya.pk, actor=person, at=timezone.now())
        assert refused.value.code == code
