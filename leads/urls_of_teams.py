"""The addresses of the pages of managers."""

from django.urls import path

from leads.views import acceptance, override_review, reassign, team

urlpatterns = [
    path("handoffs/", acceptance.acceptance, name="handoffs"),
    path("team/", team.team, name="team"),
    path("team/given/", team.given_leads, name="given"),
    path("team/overrides/", override_review.overrides_page, name="overrides"),
    path("team/overrides/<int:override_id>/review/", override_review.review, name="review_override"),
    path("team/reassign/", reassign.reassign, name="reassign"),
    path("team/reassign/<int:reassignment_id>/", reassign.reassigned, name="reassigned"),
    path("team/reassign/<int:reassignment_id>/undo/", reassign.undo, name="undo_reassignment"),
]
