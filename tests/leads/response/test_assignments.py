"""Who had a lead since when: no way of changing it goes past the history."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from leads.assigning import assigning
from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.models import Assigned, Assignment, Lead
from leads.queue import claims
from leadscoring.people.models import Team
from tests.leads.work.conftest import NOW, Cast, make_lead

Row = tuple[int | None, int | None, str]


def rows(lead: Lead) -> list[Row]:
    found = Assignment.objects.filter(lead=lead).order_by("pk")
    return [(row.team_id, row.owner_id, row.why) for row in found]


def test_a_lead_s_arrival_is_the_first_row(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.alice)
    assert rows(lead) == [(cast.north.pk, cast.alice.pk, Assigned.ARRIVED)]


def test_a_bulk_update_is_seen_lead_by_lead(cast: Cast) -> None:
    mine, free, other = (
        make_lead(cast.north, owner=cast.alice),
        make_lead(cast.north),
        make_lead(cast.north, owner=cast.bob),
    )
    Lead.objects.update(owner=cast.bob)
    assert [len(rows(lead)) for lead in (mine, free, other)] == [2, 2, 1]
    assert rows(mine)[-1] == (cast.north.pk, cast.bob.pk, Assigned.OTHER)


def test_an_import_says_who_and_why_and_when(cast: Cast) -> None:
    def imported(owner: str) -> None:
        row = LeadRow(1, {"email": "x@example.com"}, external_id="x", team="North", owner=owner)
        save_leads([row], at=NOW, actor=cast.mia)

    imported("alice@example.com")
    imported("bob@example.com")
    lead = Lead.objects.get()
    assert [why for *_, why in rows(lead)] == [Assigned.ARRIVED, Assigned.IMPORT]
    latest = Assignment.objects.order_by("-pk")[0]
    assert (latest.owner, latest.by, latest.since) == (cast.bob, cast.mia, NOW)


def test_the_innermost_reason_holds_and_ends_with_its_block(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.alice)
    with assigning(actor=cast.carol, why=Assigned.REASSIGNED, at=NOW):
        Lead.objects.update(owner=cast.bob)
        with assigning(actor=cast.mia, why=Assigned.IMPORT, at=NOW + timedelta(hours=1)):
            Lead.objects.update(owner=None)
        Lead.objects.update(owner=cast.alice)
    Lead.objects.update(owner=cast.bob)
    said = [(row.why, row.by) for row in Assignment.objects.filter(lead=lead).order_by("pk")[1:]]
    assert said == [
        (Assigned.REASSIGNED, cast.carol),
        (Assigned.IMPORT, cast.mia),
        (Assigned.REASSIGNED, cast.carol),
        (Assigned.OTHER, None),
    ]


def test_a_claim_is_no_assignment(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    assert len(rows(lead)) == 1


def test_a_team_that_goes_leaves_its_name_in_the_history(cast: Cast) -> None:
    gone = Team.objects.create(name="Gone")
    lead = make_lead(gone)
    key = gone.pk
    gone.delete()
    assert rows(lead) == [(key, None, Assigned.ARRIVED), (None, None, Assigned.OTHER)]


def test_who_is_erased_is_erased_with_it(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.alice)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_score")
    lead.delete()
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("deed", ["UPDATE leads_assignment SET why = ''", "DELETE FROM leads_assignment"])
def test_the_history_is_not_rewritten(cast: Cast, deed: str) -> None:
    make_lead(cast.north)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed)
