"""The addresses of imports below /api/v1/."""

from django.urls import path

from leads.api import imports

urlpatterns = [
    path("imports/", imports.all_, name="imports"),
    path("imports/mappings/", imports.mappings, name="import_mappings"),
    path("imports/<id:import_id>/", imports.one, name="import"),
    path("imports/<id:import_id>/begin/", imports.begin, name="begin_import"),
    path("imports/<id:import_id>/cancel/", imports.cancel, name="cancel_import"),
    path("imports/<id:import_id>/refused/", imports.refused, name="refused_rows"),
]
