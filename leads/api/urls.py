"""The addresses of leads, signals and work below /api/v1/."""

from django.urls import path

from leads.api import leads, signals

urlpatterns = [
    path("leads/", leads.leads, name="leads"),
    path("leads/<id:lead_id>/", leads.lead, name="lead"),
    path("leads/<id:lead_id>/signals/", signals.of_lead, name="lead_signals"),
    path("signals/", signals.signals, name="signals"),
    path("signals/batch/", signals.batch, name="signal_batch"),
]
