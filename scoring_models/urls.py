"""The addresses of models, their versions and the first day."""

from django.urls import path

from scoring_models.views import (
    compare,
    first_day,
    golden,
    health,
    models,
    moves,
    rebase,
    review,
    steps,
    trial,
    upkeep,
    version,
)

app_name = "scoring_models"

urlpatterns = [
    path("models/", models.models, name="models"),
    path("how-scores-are-assigned/", upkeep.assigned, name="assigned"),
    path("models/<int:version_id>/bands/<slug:band_key>/agree/", upkeep.agree, name="agree"),
    path("models/of/<int:model_id>/keep/", upkeep.keep_as_is, name="keep_as_is"),
    path("models/of/<int:model_id>/owner/", upkeep.set_owner, name="set_owner"),
    path("models/seen/<int:activation_id>/", upkeep.seen, name="seen"),
    path("models/<int:version_id>/", version.version_page, name="version"),
    path("models/<int:version_id>/export/", version.export, name="export"),
    path("models/<int:version_id>/changes/", compare.compare, name="compare"),
    path("models/<int:version_id>/review/", review.review, name="review"),
    path("models/<int:version_id>/progress/", version.progress, name="progress"),
    path("models/<int:version_id>/health/", health.health, name="health"),
    path("models/<int:version_id>/test/", trial.test, name="test"),
    path("models/<int:version_id>/golden/", golden.golden_leads, name="golden"),
    path("models/<int:version_id>/golden/add/", golden.add, name="add_golden"),
    path("models/<int:version_id>/golden/remove/", golden.remove, name="remove_golden"),
    path("models/<int:version_id>/leads/", health.leads, name="leads"),
    path("models/<int:version_id>/draft/", steps.start_draft, name="start_draft"),
    path("models/<int:version_id>/discard/", steps.discard, name="discard"),
    path("models/<int:version_id>/rebase/", rebase.bring_over, name="rebase"),
    path("models/<int:version_id>/submit/", steps.submit, name="submit"),
    path("models/<int:version_id>/withdraw/", steps.withdraw, name="withdraw"),
    path("models/<int:version_id>/approve/", steps.approve, name="approve"),
    path("models/<int:version_id>/evidence/", steps.ask_for_evidence, name="ask_for_evidence"),
    path("models/<int:version_id>/evidence/progress/", review.progress, name="evidence_progress"),
    path("models/<int:version_id>/evidence/<int:evidence_id>/moves/", moves.moves, name="moves"),
    path("models/<int:version_id>/evidence/<int:evidence_id>/missed/", moves.missed, name="missed"),
    path("models/<int:version_id>/return/", steps.return_to_draft, name="return"),
    path("models/<int:version_id>/reject/", steps.reject, name="reject"),
    path("models/<int:version_id>/schedule/", steps.put_on_schedule, name="schedule"),
    path("models/<int:version_id>/schedule/cancel/", steps.cancel_schedule, name="cancel_schedule"),
    path("models/<int:version_id>/scoring/<int:run_id>/stop/", steps.stop_scoring, name="stop_scoring"),
    path("models/<int:version_id>/scoring/<int:run_id>/resume/", steps.resume_scoring, name="resume_scoring"),
    path("models/<int:version_id>/activate/", steps.activate, name="activate"),
    path("models/<int:version_id>/go-back/", steps.go_back, name="go_back"),
    path("set-up/", first_day.set_up, name="set_up"),
]
