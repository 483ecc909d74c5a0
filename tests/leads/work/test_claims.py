"""Claiming, releasing, and taking the next lead."""

from datetime import timedelta

import pytest

from leads import outcomes
from leads.models import Activity, Claim, Lead, Override, OverrideReason
from leads.outcomes import CallResult
from leads.queue import claims
from leads.queue.criteria import Criteria
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, make_lead
from tests.leads.work.fixed_scorer import FixedScorer

EXPIRED = NOW + claims.LEASE


def claim(lead: Lead, actor: User) -> Claim:
    return claims.claim(lead_id=lead.pk, actor=actor, at=NOW)


def next_lead(user: User) -> Lead | None:
    return claims.next_lead(user=user, now=NOW)


class TestClaiming:
    def test_it_is_a_lease_of_30_minutes(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        taken = claim(lead, cast.alice)

        assert (taken.user, taken.expires_at) == (cast.alice, NOW + timedelta(minutes=30))
        assert claims.current(lead, now=EXPIRED - timedelta(seconds=1)) == taken
        assert claims.current(lead, now=EXPIRED) is None

    def test_a_colleague_is_told_who_holds_the_lead_until_when(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)

        with pytest.raises(DomainError, match="Alice holds this lead until 12:30") as refused:
            claim(lead, cast.bob)

        assert refused.value.code == "claim.held"

    def test_a_manager_waits_for_it_too(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)

        with pytest.raises(DomainError, match="Alice holds this lead"):
            claim(lead, cast.carol)

    def test_an_expired_one_is_taken_over(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)

        taken = claims.claim(lead_id=lead.pk, actor=cast.bob, at=EXPIRED)

        assert Claim.objects.get() == taken
        assert taken.user == cast.bob

    def test_claiming_again_begins_the_lease_anew(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)
        later = NOW + timedelta(minutes=10)

        assert claims.claim(lead_id=lead.pk, actor=cast.alice, at=later).expires_at == later + claims.LEASE

    @pytest.mark.parametrize(
        ("who", "code"),
        [("bob", "lead.not_yours"), ("dan", "lead.not_found"), ("mia", "lead.not_yours")],
    )
    def test_others_may_not(self, cast: Cast, who: str, code: str) -> None:
        lead = make_lead(cast.north, owner=cast.alice)

        with pytest.raises(DomainError) as refused:
            claim(lead, getattr(cast, who))

        assert refused.value.code == code
        assert not Claim.objects.exists()

    def test_a_closed_lead_cannot_be_claimed(self, cast: Cast) -> None:
        with pytest.raises(DomainError) as refused:
            claim(make_lead(cast.north, is_open=False), cast.alice)

        assert refused.value.code == "lead.closed"

    def test_it_is_logged_and_audited(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)

        assert Activity.objects.get().verb == Activity.Verb.CLAIMED
        assert AuditEntry.objects.get(action="lead.claimed").object_id == str(lead.pk)


class TestGivingBack:
    def test_the_holder_releases(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)
        claims.release(lead_id=lead.pk, actor=cast.alice, at=NOW)

        assert claim(lead, cast.bob)
        assert AuditEntry.objects.filter(action="lead.released").count() == 1

    def test_a_manager_of_the_team_releases_and_others_do_not(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)

        for user, code in (
            (cast.bob, "claim.held"),
            (cast.erin, "lead.not_found"),
            (cast.mia, "claim.held"),
        ):
            with pytest.raises(DomainError) as refused:
                claims.release(lead_id=lead.pk, actor=user, at=NOW)
            assert refused.value.code == code
        claims.release(lead_id=lead.pk, actor=cast.carol, at=NOW)

        assert not Claim.objects.exists()

    def test_there_must_be_a_claim(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)

        with pytest.raises(DomainError) as refused:
            claims.release(lead_id=lead.pk, actor=cast.alice, at=EXPIRED)

        assert refused.value.code == "claim.none"

    def test_only_the_holder_extends(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)
        later = NOW + timedelta(minutes=20)

        with pytest.raises(DomainError) as refused:
            claims.extend(lead_id=lead.pk, actor=cast.bob, at=later)
        extended = claims.extend(lead_id=lead.pk, actor=cast.alice, at=later)

        assert refused.value.code == "claim.held"
        assert extended.expires_at == later + claims.LEASE


class TestTheNextLead:
    def test_it_is_the_best_one(self, cast: Cast) -> None:
        make_lead(cast.north, 65)
        best = make_lead(cast.north, 90)
        make_lead(cast.north, 89)

        assert next_lead(cast.alice) == best
        assert Claim.objects.get().user == cast.alice

    def test_pressing_again_gives_another_and_leaves_the_first_claimed(self, cast: Cast) -> None:
        first, second = make_lead(cast.north, 90), make_lead(cast.north, 89)

        assert [next_lead(cast.alice), next_lead(cast.alice)] == [first, second]
        assert Claim.objects.filter(user=cast.alice, expires_at__gt=NOW).count() == 2
        assert next_lead(cast.alice) is None

    def test_a_claim_that_ran_out_comes_back(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.bob)

        assert next_lead(cast.alice) is None
        assert claims.next_lead(user=cast.alice, now=EXPIRED) == lead

    def test_it_is_never_one_that_this_person_may_not_work(self, cast: Cast) -> None:
        make_lead(cast.south, 90)
        make_lead(cast.north, 90, owner=cast.bob)
        make_lead(cast.north, 90, is_open=False)
        make_lead(cast.north, 20)

        assert next_lead(cast.alice) is None
        assert next_lead(cast.mia) is None
        assert not Claim.objects.exists()

    def test_an_override_counts(self, cast: Cast) -> None:
        make_lead(cast.north, 85)
        raised = make_lead(cast.north, 20)
        held_back = make_lead(cast.north, 99)
        when = {"reason": OverrideReason.MET, "author": cast.carol, "starts_at": NOW, "ends_at": EXPIRED}
        Override.objects.create(lead=raised, kind="score", points=90, **when)
        Override.objects.create(lead=held_back, kind="hold", **when)

        assert next_lead(cast.alice) == raised

    def test_the_filters_of_the_page_count(self, cast: Cast) -> None:
        make_lead(cast.north, 85)
        warm = make_lead(cast.north, 65)

        assert claims.next_lead(user=cast.alice, now=NOW, criteria=Criteria(bands=frozenset({"sql"}))) == warm

    def test_without_a_live_model_there_is_none(self, cast: Cast) -> None:
        make_lead(cast.north)
        FixedScorer.live = None

        assert next_lead(cast.alice) is None

    def test_it_looks_on_past_many_that_it_cannot_have(self, cast: Cast) -> None:
        for _each in range(45):
            claim(make_lead(cast.north, 90), cast.bob)
        free = make_lead(cast.north, 62)

        assert next_lead(cast.alice) == free

    def test_a_closed_lead_gives_its_claim_back(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claim(lead, cast.alice)
        outcomes.log_call(lead_id=lead.pk, result=CallResult.WON, actor=cast.alice, at=NOW)

        assert not Claim.objects.exists()
        assert next_lead(cast.bob) is None
