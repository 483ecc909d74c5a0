"""The addresses of imports."""

from django.urls import path

from leads.views import imports

urlpatterns = [
    path("imports/", imports.imports, name="imports"),
    path("imports/upload/", imports.upload, name="upload"),
    path("imports/<int:job_id>/", imports.import_page, name="import"),
    path("imports/<int:job_id>/arrange/", imports.arrange, name="arrange_import"),
    path("imports/<int:job_id>/begin/", imports.begin, name="begin_import"),
    path("imports/<int:job_id>/cancel/", imports.cancel, name="cancel_import"),
    path("imports/<int:job_id>/discard/", imports.discard, name="discard_import"),
    path("imports/<int:job_id>/refused/", imports.refused, name="refused_rows"),
]
