"""The addresses of leads that are, or may be, one person."""

from django.urls import path

from leads.views import duplicates, merging, notes, values

urlpatterns = [
    path("leads/<int:lead_id>/merge/", merging.merge_page, name="merge"),
    path("leads/<int:lead_id>/values/", values.value_page, name="value"),
    path("leads/<int:lead_id>/note/", notes.add, name="add_note"),
    path("notes/<int:note_id>/", notes.change, name="change_note"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/not-the-same/", duplicates.not_same, name="not_same"),
    path("duplicates/<int:not_same_id>/take-back/", duplicates.take_back, name="take_back_not_same"),
    path("merges/<int:merge_id>/undo/", merging.undo, name="undo_merge"),
]
