"""What undoing a merge does is said before, and then done so."""

import pytest

from leads import notes
from leads.merging.parting import parting
from leads.merging.verbs import merge, undo_merge
from leads.models import Activity, Lead, Override, OverrideKind
from leads.queue import claims
from leadscoring.errors import DomainError
from tests.leads.merging.test_merge import LATER, SOON, join, refused, signal
from tests.leads.work.conftest import NOW, Cast
from tests.leads.work.test_overrides import override

pytestmark = pytest.mark.django_db

Pair = tuple[Lead, Lead]


def test_what_was_done_meanwhile_is_told_and_stays_with_the_kept_lead(pair: Pair, cast: Cast) -> None:
    kept, absorbed = pair
    made = join(pair, cast, "job_title")
    claims.claim(lead_id=kept.pk, actor=cast.alice, at=SOON)
    notes.add_note(lead_id=kept.pk, text="Met at the fair.", actor=cast.alice, at=SOON)
    override(kept, cast.alice, OverrideKind.POINTS, points=3)
    signal("m-1", "external_id", "k-2")
    found = parting(merge_id=made.pk, user=cast.alice, at=SOON)
    assert found.returns == ["Job title"]
    assert found.stays == ["1 override", "1 note", "2 other lines of what people did", "the claim of Alice"]
    assert (found.moves, found.objection) == (1, "")
    undo_merge(merge_id=made.pk, actor=cast.alice, at=LATER)
    assert Override.objects.get().lead == kept
    assert Activity.objects.get(verb=Activity.Verb.NOTE).lead == kept
    assert not Activity.objects.filter(lead=absorbed).exists()


def test_nothing_done_is_nothing_told(pair: Pair, cast: Cast) -> None:
    made = join(pair, cast)
    assert parting(merge_id=made.pk, user=cast.alice, at=SOON).stays == []


def test_only_who_may_undo_it_may_look(pair: Pair, cast: Cast) -> None:
    made = merge(kept_id=pair[0].pk, absorbed_id=pair[1].pk, actor=cast.alice, at=NOW)
    with refused("lead.not_found"):
        parting(merge_id=made.pk, user=cast.dan, at=NOW)
    with pytest.raises(DomainError):
        parting(merge_id=made.pk, user=cast.mia, at=NOW)
    undo_merge(merge_id=made.pk, actor=cast.alice, at=SOON)
    with refused("merge.undone"):
        parting(merge_id=made.pk, user=cast.alice, at=SOON)
