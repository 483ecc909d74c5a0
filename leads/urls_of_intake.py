"""The pages about what other programs send."""

from django.urls import path

from leads.views import intake

urlpatterns = [
    path("intake/", intake.intake, name="intake"),
    path("intake/snippet/", intake.snippet, name="snippet"),
    path("intake/replay/", intake.replay, name="replay"),
    path("intake/replay-reason/", intake.replay_reason, name="replay_reason"),
]
