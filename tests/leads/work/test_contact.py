"""Who doesn't want to be contacted isn't; what they begin themselves is logged."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import outcomes
from leads.contact import refusal_of
from leads.contact_sql import REFUSAL_OF_LEADS
from leads.ingestion.signals import add_signal
from leads.models import Activity, Lead, SignalDetail
from leads.outcomes import CallResult
from leads.values import set_value
from leadscoring.errors import DomainError
from tests.leads.work.conftest import NOW, Cast, make_lead, why

HOUR = timedelta(hours=1)


def unsubscribed(cast: Cast) -> Lead:
    lead = make_lead(cast.north)
    add_signal(
        lead_id=lead.pk,
        type_key="unsubscribed",
        occurred_at=NOW - HOUR,
        received_at=NOW,
        source="test",
    )
    return lead


@pytest.mark.parametrize("result", [CallResult.NO_ANSWER, CallResult.CONVERSATION, CallResult.MEETING])
def test_nobody_logs_that_they_reached_out_to_who_unsubscribed(cast: Cast, result: CallResult) -> None:
    lead = unsubscribed(cast)
    with pytest.raises(DomainError) as refused:
        outcomes.log_call(lead_id=lead.pk, result=result, actor=cast.alice, at=NOW)
    assert refused.value.code == "contact.refused"
    assert "They unsubscribed" in refused.value.sentence
    assert not Activity.objects.exists()


@pytest.mark.parametrize("result", [CallResult.CONVERSATION, CallResult.MEETING])
def test_what_they_began_is_logged(cast: Cast, result: CallResult) -> None:
    lead = unsubscribed(cast)
    logged = outcomes.log_call(lead_id=lead.pk, result=result, they_began=True, actor=cast.alice, at=NOW)
    assert logged.signal_key in set(SignalDetail.objects.values_list("key", flat=True))


def test_nobody_answers_a_call_that_they_made_themselves(cast: Cast) -> None:
    lead = unsubscribed(cast)
    with pytest.raises(DomainError):
        outcomes.log_call(
            lead_id=lead.pk, result=CallResult.NO_ANSWER, they_began=True, actor=cast.alice, at=NOW
        )


@pytest.mark.parametrize(
    "result", [CallResult.WON, CallResult.LOST, CallResult.DISQUALIFIED, CallResult.WRONG_PERSON]
)
def test_what_ends_a_lead_needs_no_contact(cast: Cast, result: CallResult) -> None:
    lead = unsubscribed(cast)
    outcomes.log_call(lead_id=lead.pk, result=result, reason=why(result), actor=cast.alice, at=NOW)
    assert not Lead.objects.get().is_open


def test_who_comes_back_may_be_called(cast: Cast) -> None:
    lead = unsubscribed(cast)
    set_value(lead_id=lead.pk, key="unsubscribed", raw="no", actor=cast.alice, at=NOW)
    outcomes.log_call(lead_id=lead.pk, result=CallResult.NO_ANSWER, actor=cast.alice, at=NOW + HOUR)


SAID = st.tuples(
    st.sampled_from(("unsubscribed", "resubscribed", "disconnected", "reconnected", "yes", "no")),
    st.integers(1, 3),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(SAID, max_size=4, unique_by=lambda one: one[1]))
def test_lists_say_of_each_lead_what_its_own_page_says(cast: Cast, said: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        lead = make_lead(cast.north)
        for word, hours in sorted(said, key=lambda one: one[1]):
            at = NOW + hours * HOUR
            if word in ("yes", "no"):
                with suppress(DomainError):  # what it says already
                    set_value(lead_id=lead.pk, key="unsubscribed", raw=word, actor=cast.alice, at=at)
            else:
                add_signal(lead_id=lead.pk, type_key=word, occurred_at=at, received_at=at, source="test")
        now = NOW + 4 * HOUR
        found = refusal_of(Lead.objects.get(pk=lead.pk), now=now)
        assert (found is not None) == (refusal_in_lists(lead, now) is not None)
        transaction.set_rollback(True)


def refusal_in_lists(lead: Lead, now: datetime) -> str | None:
    statement = f"SELECT contact.refusal FROM leads_lead l {REFUSAL_OF_LEADS} WHERE l.id = %(lead)s"
    with connection.cursor() as cursor:
        cursor.execute(statement, {"lead": lead.pk, "now": now})
        refusal: str | None = cursor.fetchone()[0]
    return refusal
