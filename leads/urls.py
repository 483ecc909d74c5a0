"""The addresses of the pages of leads."""

from django.urls import path

from leads import urls_of_people, urls_of_teams, urls_of_time
from leads.views import activity, away, bulk, deeds, handoff, lead, lists, palette, queue, saved_views

app_name = "leads"

urlpatterns = [
    *urls_of_teams.urlpatterns,
    *urls_of_time.urlpatterns,
    *urls_of_people.urlpatterns,
    path("queue/", queue.queue, name="queue"),
    path("queue/news/", queue.news, name="news"),
    path("queue/next/", queue.work_next, name="next"),
    path("queue/counts/", queue.counts, name="counts"),
    path("queue/views/", saved_views.views, name="views"),
    path("queue/views/new/", saved_views.save_view, name="save_view"),
    path("queue/views/<str:slug>/", saved_views.open_view, name="view"),
    path("queue/views/<str:slug>/change/", saved_views.change_view, name="change_view"),
    path("queue/views/<str:slug>/list/", saved_views.replace_list, name="replace_list"),
    path("queue/views/<str:slug>/delete/", saved_views.delete_view, name="delete_view"),
    path("queue/bulk/", bulk.confirm, name="bulk"),
    path("queue/bulk/snooze/", bulk.snooze, name="bulk_snooze"),
    path("queue/bulk/assign/", bulk.assign, name="bulk_assign"),
    path("queue/bulk/export/", bulk.export, name="bulk_export"),
    path("bulk/<int:job_id>/", bulk.job_page, name="bulk_job"),
    path("bulk/<int:job_id>/cancel/", bulk.cancel, name="bulk_cancel"),
    path("bulk/<int:job_id>/undo/", bulk.undo, name="bulk_undo"),
    path("palette/", palette.palette, name="palette"),
    path("shortcuts/", palette.switch_shortcuts, name="switch_shortcuts"),
    path("leads/", lists.leads, name="list"),
    path("leads/<int:lead_id>/", lead.lead_page, name="lead"),
    path("leads/<int:lead_id>/claim/", deeds.claim, name="claim"),
    path("leads/<int:lead_id>/release/", deeds.release, name="release"),
    path("leads/<int:lead_id>/extend/", deeds.extend, name="extend"),
    path("leads/<int:lead_id>/skip/", away.skip, name="skip"),
    path("leads/<int:lead_id>/snooze/", away.snooze, name="snooze"),
    path("leads/<int:lead_id>/wake/", away.wake, name="wake"),
    path("leads/<int:lead_id>/override/", deeds.override, name="override"),
    path("leads/<int:lead_id>/call/", deeds.call, name="call"),
    path("leads/<int:lead_id>/signal/", deeds.signal, name="signal"),
    path("leads/<int:lead_id>/accept/", handoff.accept, name="accept"),
    path("leads/<int:lead_id>/return/", handoff.send_back, name="return"),
    path("leads/<int:lead_id>/hand-over/", handoff.hand_over, name="hand_over"),
    path("activity/", activity.activity, name="activity"),
    path("overrides/<int:override_id>/end/", deeds.end_override, name="end_override"),
    path("activities/<int:activity_id>/undo/", deeds.undo, name="undo"),
    path("activities/undo/", deeds.undo_last, name="undo_last"),
    path("nurture/", lists.nurture_list, name="nurture"),
    path("nurture.csv", lists.nurture_export, name="nurture_csv"),
]
