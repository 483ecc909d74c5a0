"""What real connections do to each other while leads are merged."""

from functools import partial

import pytest

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.merging.verbs import merge, undo_merge
from leads.models import Lead, Merge
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, make_cast, make_lead
from tests.leads.work.test_races import at_once


@pytest.fixture
def people(committed_db: None) -> Cast:
    return make_cast()


def test_of_two_who_merge_two_leads_into_each_other_one_is_told_so(people: Cast) -> None:
    for _ in range(5):
        one, other = make_lead(people.north), make_lead(people.north)
        done = at_once(
            partial(merge, kept_id=one.pk, absorbed_id=other.pk, actor=people.alice, at=NOW),
            partial(merge, kept_id=other.pk, absorbed_id=one.pk, actor=people.bob, at=NOW),
        )
        refused = [result for result in done if isinstance(result, DomainError)]
        assert [refusal.code for refusal in refused] in (["merge.absorbed"], ["lead.not_found"])
        assert Merge.objects.filter(kept__in=(one, other)).count() == 1
        assert Lead.objects.filter(pk__in=(one.pk, other.pk), absorbed_into=None).count() == 1


def test_a_chain_that_is_made_from_both_ends_at_once_holds_together(people: Cast) -> None:
    for _ in range(5):
        first, second, third = (make_lead(people.north) for _ in range(3))
        at_once(
            partial(merge, kept_id=first.pk, absorbed_id=second.pk, actor=people.alice, at=NOW),
            partial(merge, kept_id=second.pk, absorbed_id=third.pk, actor=people.bob, at=NOW),
        )
        for lead in Lead.objects.filter(pk__in=(second.pk, third.pk)).exclude(absorbed_into=None):
            assert lead.absorbed_into is not None
            assert lead.absorbed_into.absorbed_into is None


def test_of_two_who_undo_a_merge_one_is_told_so(people: Cast) -> None:
    one, other = make_lead(people.north), make_lead(people.north)
    made = merge(kept_id=one.pk, absorbed_id=other.pk, actor=people.alice, at=NOW)
    done = at_once(
        partial(undo_merge, merge_id=made.pk, actor=people.alice, at=NOW),
        partial(undo_merge, merge_id=made.pk, actor=people.bob, at=NOW),
    )
    assert [result.code for result in done if isinstance(result, DomainError)] == ["merge.undone"]


def test_an_import_that_comes_while_two_leads_are_merged_makes_no_third(people: Cast) -> None:
    people.north.is_default = True
    people.north.save()
    system = User.objects.system()
    for number in range(5):
        rows = [LeadRow(1, {"city": "Ulm"}, external_id=f"{number}-{name}") for name in "ab"]
        save_leads(rows, at=NOW, actor=system)
        one, other = (Lead.objects.get(external_id=f"{number}-{name}") for name in "ab")
        at_once(
            partial(merge, kept_id=one.pk, absorbed_id=other.pk, actor=people.carol, at=NOW),
            partial(
                save_leads, [LeadRow(1, {"city": "Bonn"}, external_id=f"{number}-b")], at=NOW, actor=system
            ),
        )
        assert Lead.objects.filter(external_id__startswith=f"{number}-").count() == 2
        assert Lead.objects.filter(pk=other.pk, absorbed_into=one).exists()
