"""The addresses of marketing's pages."""

from django.urls import path

from leads.views import nurture, segments

urlpatterns = [
    path("nurture/", nurture.nurture_list, name="nurture"),
    path("nurture.csv", nurture.nurture_export, name="nurture_csv"),
    path("nurture/add/", nurture.add_condition, name="add_condition"),
    path("nurture/segments/", segments.segments, name="segments"),
    path("nurture/segments/new/", segments.save_segment, name="save_segment"),
    path("nurture/segments/counts/", segments.counts, name="segment_counts"),
    path("nurture/segments/<str:slug>/", segments.open_segment, name="segment"),
    path("nurture/segments/<str:slug>/change/", segments.change_segment, name="change_segment"),
    path("nurture/segments/<str:slug>/list/", segments.replace_list, name="replace_segment"),
    path("nurture/segments/<str:slug>/delete/", segments.delete_segment, name="delete_segment"),
]
