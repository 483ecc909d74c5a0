"""The addresses that other programs send to. They know no sessions and answer nobody with a page."""

from django.urls import path, re_path

from leads.views import inbound_hooks, segment

app_name = "senders"
urlpatterns = [
    path("v1/batch", segment.batch, name="batch"),
    re_path(r"^v1/(?P<call>track|identify|group|page|screen|alias)$", segment.single, name="single"),
    path("hooks/<str:name>/", inbound_hooks.receive, name="hook"),
    path("hooks/<str:name>/<str:secret>/", inbound_hooks.receive, name="hook_with_secret"),
]
