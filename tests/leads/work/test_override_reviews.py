"""Managers review large overrides afterwards."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from leads import activities, override_reviews, overrides
from leads.models import Activity, Lead, Override, OverrideKind, OverrideReview
from leads.override_reviews import Verdict
from leads.queue import ranking
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import NOW, Cast, fresh, make_cast, make_lead, person
from tests.leads.work.fixed_scorer import FixedScorer
from tests.leads.work.test_overrides import override, refusal

LATER = NOW + timedelta(hours=1)


def band(lead: Lead, actor: User, key: str, **given: Any) -> Override:
    return override(lead, actor, OverrideKind.BAND, band=key, **given)


def review(made: Override, actor: User, verdict: Verdict = Verdict.KEEP, comment: str = "") -> OverrideReview:
    return override_reviews.review(
        override_id=made.pk, verdict=verdict, actor=actor, at=LATER, comment=comment
    )


class TestHowLargeItIs:
    @pytest.mark.parametrize(
        ("total", "key", "jump", "large"),
        [
            (10, "mql", 1, False),
            (10, "sql", 2, True),
            (10, "hot", 3, True),
            (90, "nurture", -3, True),
            (90, "sql", -1, False),
            (70, "sql", 0, False),
        ],
    )
    def test_it_is_counted_in_bands_from_the_models(
        self, cast: Cast, total: int, key: str, jump: int, large: bool
    ) -> None:
        made = band(make_lead(cast.north, total), cast.alice, key)

        assert (made.jump, made.is_large, made.model_total) == (jump, large, total)

    def test_points_and_set_scores_count_by_the_band_that_they_reach(self, cast: Cast) -> None:
        assert override(make_lead(cast.north, 40), cast.alice, points=50).jump == 2
        assert override(make_lead(cast.north, 40), cast.alice, OverrideKind.SCORE, points=0).jump == -1

    def test_holding_back_counts_as_all_the_way_down(self, cast: Cast) -> None:
        hot, mql = (override(make_lead(cast.north, n), cast.alice, OverrideKind.HOLD) for n in (90, 40))

        assert (hot.jump, hot.is_large, mql.jump, mql.is_large) == (-3, True, -1, False)

    def test_each_team_says_from_how_many_bands_on_it_is_large(self, cast: Cast) -> None:
        cast.north.large_override_bands = 1
        cast.north.save()

        assert band(make_lead(cast.north, 10), cast.alice, "mql").is_large
        assert not band(make_lead(cast.south, 10), cast.dan, "mql").is_large

    def test_what_was_large_stays_so_when_the_team_is_set_otherwise(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "sql")
        cast.north.large_override_bands = 3
        cast.north.save()

        assert list(override_reviews.waiting(cast.carol)) == [made]

    def test_a_lead_without_a_score_moves_by_nothing_that_anybody_knows(self, cast: Cast) -> None:
        made = band(Lead.objects.create(team=cast.north), cast.alice, "hot")

        assert (made.jump, made.is_large, made.model_total, made.model_band) == (None, False, None, "")

    def test_one_that_was_resumed_is_measured_anew_and_waits_again(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "hot")
        ended = review(made, cast.carol, Verdict.END, "No such budget")
        log = Activity.objects.get(verb=Activity.Verb.OVERRIDE_ENDED)
        activities.undo(activity_id=log.pk, actor=cast.carol, at=LATER)

        [again] = override_reviews.waiting(cast.carol)
        assert (again.author, again.jump, ended.override) == (cast.alice, 3, made)
        assert again != made


class TestTheList:
    def test_it_has_the_large_ones_of_the_managers_own_teams(self, cast: Cast) -> None:
        ours = band(make_lead(cast.north, 10), cast.alice, "hot")
        band(make_lead(cast.north, 10), cast.alice, "mql")
        theirs = band(make_lead(cast.south, 10), cast.dan, "hot")

        assert list(override_reviews.waiting(cast.carol)) == [ours]
        assert list(override_reviews.waiting(cast.erin)) == [theirs]

    @pytest.mark.parametrize("name", ["alice", "mia", "adam"])
    def test_others_have_none(self, cast: Cast, name: str) -> None:
        band(make_lead(cast.north, 10), cast.alice, "hot")

        assert not override_reviews.large(getattr(cast, name)).exists()

    def test_ones_own_wait_for_somebody_else(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.carol, "hot")

        assert list(override_reviews.waiting(cast.carol)) == [made]
        assert not override_reviews.to_review(cast.carol).exists()

    def test_one_that_is_over_is_still_looked_at_but_not_one_that_never_counted(self, cast: Cast) -> None:
        over = band(make_lead(cast.north, 10), cast.alice, "hot", ends_at=NOW + timedelta(minutes=1))
        undone = band(make_lead(cast.north, 10), cast.alice, "hot")
        overrides.end_override(override_id=undone.pk, actor=cast.alice, at=NOW)

        assert list(override_reviews.waiting(cast.carol)) == [over]
        assert review(over, cast.carol)


class TestReviewing:
    def test_keeping_leaves_it_running_and_takes_it_off_the_list(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "hot")
        said = review(made, cast.carol, comment=" Good eye ")

        assert (said.verdict, said.comment, said.reviewer) == ("keep", "Good eye", cast.carol)
        assert list(overrides.active(at=LATER)) == [made]
        assert not override_reviews.waiting(cast.carol).exists()
        assert list(override_reviews.reviewed(cast.carol)) == [made]

    def test_ending_takes_a_comment_and_the_models_score_counts_at_once(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 40)
        made = band(lead, cast.alice, "hot")

        assert refusal(lambda: review(made, cast.carol, Verdict.END, "  ")) == "override.comment"
        review(made, cast.carol, Verdict.END, "They have no budget")

        [row] = ranking.ranked(user=cast.carol, now=LATER).rows
        assert (row.score, row.override) == (40, None)
        log = Activity.objects.get(verb=Activity.Verb.OVERRIDE_ENDED)
        assert (log.actor, log.note, log.override) == (cast.carol, "They have no budget", made)

    def test_nobody_reviews_their_own(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.carol, "hot")

        assert refusal(lambda: review(made, cast.carol)) == "override.own"
        assert refusal(lambda: review(made, cast.carol, Verdict.END, "Mine")) == "override.own"

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("bob", "override.not_yours"),
            ("erin", "lead.not_found"),
            ("mia", "override.not_yours"),
            ("adam", "override.not_yours"),
        ],
    )
    def test_it_takes_a_manager_of_the_team(self, cast: Cast, name: str, code: str) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "hot")

        actor = getattr(cast, name)

        assert refusal(lambda: review(made, actor)) == code
        assert refusal(lambda: review(made, actor, Verdict.END, "So")) == code
        assert not OverrideReview.objects.exists()

    def test_it_is_reviewed_once(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "hot")
        review(made, cast.carol)
        other = person("Olga", Role.MANAGER, cast.north)

        assert refusal(lambda: review(made, other)) == "override.reviewed"

    def test_small_ones_missing_ones_and_ending_what_is_over_are_refused(self, cast: Cast) -> None:
        small = band(make_lead(cast.north, 10), cast.alice, "mql")
        over = band(make_lead(cast.north, 10), cast.alice, "hot", ends_at=NOW + timedelta(minutes=1))

        assert refusal(lambda: review(small, cast.carol)) == "override.not_large"
        assert refusal(lambda: review(Override(pk=0), cast.carol)) == "override.not_found"
        assert refusal(lambda: review(over, cast.carol, Verdict.END, "Late")) == "override.ended"

    def test_it_is_audited_without_the_comment(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "hot")
        review(made, cast.carol, Verdict.END, "They moved to Lisbon")
        entry = AuditEntry.objects.get(action="override.reviewed")

        assert (entry.actor, entry.object_id, entry.data["verdict"]) == (cast.carol, str(made.pk), "end")
        assert "Lisbon" not in str(entry.data)

    def test_the_database_wants_one_review_and_a_comment_with_an_end(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "hot")
        review(made, cast.carol)

        for verdict in ("keep", "end"):
            with pytest.raises(IntegrityError), transaction.atomic():
                OverrideReview.objects.create(override=made, reviewer=cast.erin, verdict=verdict, at=NOW)


class TestUndoing:
    def test_what_was_kept_waits_again(self, cast: Cast) -> None:
        made = band(make_lead(cast.north, 10), cast.alice, "hot")
        review(made, cast.carol)
        log = Activity.objects.get(verb=Activity.Verb.OVERRIDE_KEPT)
        activities.undo(activity_id=log.pk, actor=cast.carol, at=LATER)

        assert list(override_reviews.waiting(cast.carol)) == [made]
        assert review(made, cast.carol)

    def test_nobody_undoes_what_ended_their_own(self, cast: Cast) -> None:
        other = person("Olga", Role.MANAGER, cast.north)
        made = band(make_lead(cast.north, 10), cast.carol, "hot")
        review(made, other, Verdict.END, "No")
        log = Activity.objects.get(verb=Activity.Verb.OVERRIDE_ENDED)

        assert refusal(lambda: activities.undo(activity_id=log.pk, actor=cast.carol, at=LATER)) == (
            "override.own"
        )


def test_the_model_s_number_is_kept_beside_what_leads_count_for(cast: Cast) -> None:
    plain, raised, held = (make_lead(cast.north, total) for total in (70, 40, 50))
    override(raised, cast.alice, points=30)
    override(held, cast.alice, OverrideKind.HOLD)
    leads = list(Lead.objects.select_related("score"))

    counted = overrides.counted(leads, now=NOW)
    assert {pk: (one.total, one.band.key) for pk, one in counted.items()} == {raised.pk: (70, "sql")}
    FixedScorer.live = None
    assert overrides.counted(leads, now=NOW) == {}
    assert plain.pk not in counted


def test_two_managers_at_once_make_one_review(committed_db: None) -> None:
    cast = make_cast()
    other = person("Olga", Role.MANAGER, cast.north)
    made = band(make_lead(cast.north, 10), cast.alice, "hot")
    codes: list[str] = []
    together = Barrier(2)

    def decide(actor: User) -> None:
        together.wait()
        try:
            review(made, fresh(actor))
            codes.append("done")
        except Exception as error:
            codes.append(getattr(error, "code", repr(error)))
        finally:
            connection.close()

    threads = [Thread(target=decide, args=(actor,)) for actor in (cast.carol, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == ["done", "override.reviewed"]
    assert OverrideReview.objects.count() == 1
