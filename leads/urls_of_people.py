"""The addresses of merging leads that are one person."""

from django.urls import path

from leads.views import merging

urlpatterns = [
    path("leads/<int:lead_id>/merge/", merging.merge_page, name="merge"),
    path("merges/<int:merge_id>/undo/", merging.undo, name="undo_merge"),
]
