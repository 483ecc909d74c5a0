"""Every address below /api/."""

from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter

from leadscoring.api import views
from leadscoring.api.paths import IdConverter

register_converter(IdConverter, "id")

version_1: list[URLPattern | URLResolver] = [
    path("", include("leadscoring.hooks.api")),
    path("", include("leads.api.urls")),
    path("", include("scoring_models.api.urls")),
    path("schema/", views.Schema.as_view(), name="schema"),
    path("docs/", views.docs, name="docs"),
]

app_name = "api"
urlpatterns = [
    path("v1/", include(version_1)),
    re_path("", views.nowhere, name="nowhere"),
]
