"""The addresses of leads, signals and work below /api/v1/."""

from django.urls import path

from leads.api import accounts, leads, overrides, queue, signals, vocabulary, work

urlpatterns = [
    path("leads/", leads.leads, name="leads"),
    path("leads/<id:lead_id>/", leads.lead, name="lead"),
    path("leads/<id:lead_id>/signals/", signals.of_lead, name="lead_signals"),
    path("leads/<id:lead_id>/claim/", work.claim, name="claim"),
    path("leads/<id:lead_id>/outcomes/", work.outcome, name="outcomes"),
    path("leads/<id:lead_id>/skip/", work.skip, name="skip"),
    path("leads/<id:lead_id>/snooze/", work.snooze, name="snooze"),
    path("leads/<id:lead_id>/activities/", work.log, name="activities"),
    path("activities/<id:activity_id>/undo/", work.undo, name="undo"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<id:account_id>/", accounts.account, name="account"),
    path("queue/", queue.queue, name="queue"),
    path("queue/next/", queue.next_, name="next"),
    path("nurture/", queue.nurtured, name="nurture"),
    path("overrides/", overrides.all_, name="overrides"),
    path("overrides/<id:override_id>/end/", overrides.end, name="end_override"),
    path("overrides/<id:override_id>/review/", overrides.review, name="review_override"),
    path("attributes/", vocabulary.attributes, name="attributes"),
    path("signal-types/", vocabulary.signal_types, name="signal_types"),
    path("teams/", vocabulary.teams, name="teams"),
    path("people/", vocabulary.people, name="people"),
    path("signals/", signals.signals, name="signals"),
    path("signals/batch/", signals.batch, name="signal_batch"),
]
