"""Who may see and work which lead."""

from datetime import timedelta

import pytest

from leads import access
from leads.models import Claim, Lead
from leads.queue import claims
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import NOW, Cast, make_lead, person


def sees(user: User, lead: Lead) -> bool:
    return access.visible_leads(user).filter(pk=lead.pk).exists()


def works(user: User, lead: Lead) -> bool:
    return access.may_work(user, lead, now=NOW)


def test_reps_and_managers_see_the_leads_of_their_teams_only(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.bob)

    assert sees(cast.alice, lead)
    assert sees(cast.carol, lead)
    assert not sees(cast.dan, lead)
    assert not sees(cast.erin, lead)


def test_marketing_admins_and_superusers_see_all_leads_and_work_none(cast: Cast) -> None:
    root = User.objects.create_superuser("root@example.com", name="Root")
    lead = make_lead(cast.north)

    for user in (cast.mia, cast.adam, root):
        assert sees(user, lead)
        assert not works(user, lead)


def test_somebody_without_a_role_sees_nothing(cast: Cast) -> None:
    lead = make_lead(cast.north)

    assert not sees(person("Nils", None, cast.north), lead)


def test_somebody_who_left_sees_nothing(cast: Cast) -> None:
    lead = make_lead(cast.north)
    cast.alice.is_active = False

    assert not sees(cast.alice, lead)
    assert not works(cast.alice, lead)


def test_a_rep_works_own_and_unowned_leads_of_the_team(cast: Cast) -> None:
    assert works(cast.alice, make_lead(cast.north))
    assert works(cast.alice, make_lead(cast.north, owner=cast.alice))
    assert not works(cast.alice, make_lead(cast.north, owner=cast.bob))
    assert not works(cast.alice, make_lead(cast.south))
    assert not works(cast.alice, make_lead(cast.south, owner=cast.alice))


def test_a_rep_does_not_work_what_a_colleague_holds_until_that_expires(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.bob, at=NOW)

    assert works(cast.bob, lead)
    assert not works(cast.alice, lead)
    assert access.may_work(cast.alice, lead, now=NOW + claims.LEASE)


def test_a_rep_goes_on_with_a_claimed_lead_that_gets_another_owner(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.bob)
    Claim.objects.create(lead=lead, user=cast.alice, taken_at=NOW, expires_at=NOW + timedelta(minutes=1))

    assert works(cast.alice, lead)
    assert works(cast.bob, lead)


def test_a_manager_works_every_lead_of_own_teams(cast: Cast) -> None:
    assert works(cast.carol, make_lead(cast.north, owner=cast.bob))
    assert not works(cast.erin, make_lead(cast.north))


def test_a_lead_without_a_team_is_out_of_sight_for_nobody_who_works(cast: Cast) -> None:
    lead = make_lead(None)

    assert works(cast.alice, lead)
    assert works(cast.erin, lead)


def test_a_lead_of_another_team_looks_as_if_it_did_not_exist(cast: Cast) -> None:
    lead = make_lead(cast.north)

    with pytest.raises(DomainError) as hidden:
        access.get_lead(cast.dan, lead.pk)
    with pytest.raises(DomainError) as missing:
        access.get_lead(cast.dan, 0)

    assert hidden.value.code == missing.value.code == "lead.not_found"
    assert hidden.value.sentence == missing.value.sentence


def test_the_refusal_names_who_works_the_lead(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.bob)

    with pytest.raises(DomainError, match="Bob works this lead") as refused:
        access.lock_to_work(cast.alice, lead.pk, now=NOW)

    assert refused.value.code == "lead.not_yours"


def test_every_role_but_marketing_and_admin_is_told_by_its_teams(cast: Cast) -> None:
    both = person("Max", Role.REP, cast.north)
    both.memberships.create(team=cast.south)

    assert sees(both, make_lead(cast.south))
    assert sees(both, make_lead(cast.north))
