"""An objection to profiling of either lead holds for the merged one; undoing gives each its own back."""

from datetime import datetime

import pytest

from leads import privacy
from leads.merging.preview import pair_for, preview
from leads.merging.verbs import merge, undo_merge
from leads.models import Lead, Merge, Score, Stale
from leads.queue import ranking
from tests.leads.merging.test_merge import LATER, SOON
from tests.leads.work.conftest import NOW, Cast

pytestmark = pytest.mark.django_db

Pair = tuple[Lead, Lead]


def join(pair: Pair, cast: Cast) -> Merge:
    return merge(kept_id=pair[0].pk, absorbed_id=pair[1].pk, actor=cast.alice, at=NOW)


def part(made: Merge, cast: Cast) -> None:
    undo_merge(merge_id=made.pk, actor=cast.alice, at=LATER)


def objected(pair: Pair) -> list[datetime | None]:
    return [Lead.objects.get(pk=lead.pk).objected_at for lead in pair]


def test_that_of_the_absorbed_lead_takes_the_merged_one_out_at_once(pair: Pair, cast: Cast) -> None:
    privacy.object_to_profiling(lead_id=pair[1].pk, actor=cast.alice, at=NOW)
    found = preview(pair_for(kept_id=pair[0].pk, absorbed_id=pair[1].pk, user=cast.alice, at=NOW))
    assert found.objects and found.score is None
    made = join(pair, cast)
    assert objected(pair) == [NOW, NOW]
    assert not Score.objects.filter(lead=pair[0]).exists()
    assert list(ranking.ranked(user=cast.alice, now=SOON).rows) == []
    part(made, cast)
    assert objected(pair) == [None, NOW]
    assert Stale.objects.filter(lead_id=pair[0].pk).exists()  # It is scored again.
    assert not Score.objects.filter(lead=pair[1]).exists()


def test_that_of_the_kept_lead_stays_with_it_alone(pair: Pair, cast: Cast) -> None:
    privacy.object_to_profiling(lead_id=pair[0].pk, actor=cast.alice, at=NOW)
    made = join(pair, cast)
    assert objected(pair) == [NOW, None]
    part(made, cast)
    assert objected(pair) == [NOW, None]


def test_of_two_the_earlier_holds_and_each_has_its_own_again(pair: Pair, cast: Cast) -> None:
    Lead.objects.filter(pk=pair[0].pk).update(objected_at=NOW)
    Lead.objects.filter(pk=pair[1].pk).update(objected_at=NOW - (SOON - NOW))
    made = join(pair, cast)
    assert objected(pair) == [NOW - (SOON - NOW)] * 2
    part(made, cast)
    assert objected(pair) == [NOW, NOW - (SOON - NOW)]


def test_one_that_was_withdrawn_meanwhile_does_not_come_back_to_the_kept_lead(pair: Pair, cast: Cast) -> None:
    privacy.object_to_profiling(lead_id=pair[1].pk, actor=cast.alice, at=NOW)
    made = join(pair, cast)
    privacy.withdraw_objection(lead_id=pair[0].pk, actor=cast.alice, at=SOON)
    part(made, cast)
    assert objected(pair) == [None, NOW]
