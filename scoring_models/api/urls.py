"""The addresses of models, versions and explanations below /api/v1/."""

from django.urls import path

from scoring_models.api import evidence, explanation, models, rows, steps, trying, versions

urlpatterns = [
    path("leads/<id:lead_id>/explanation/", explanation.explanation, name="explanation"),
    path("models/", models.models, name="models"),
    path("models/order/", models.order, name="models_order"),
    path("models/beginnings/", models.beginnings, name="beginnings"),
    path("models/<id:model_id>/", models.model, name="model"),
    path("models/<id:model_id>/keep/", models.keep, name="keep_model"),
    path("models/<id:model_id>/owner/", models.owner, name="model_owner"),
    path("versions/", versions.versions, name="versions"),
    path("versions/<id:version_id>/", versions.version, name="version"),
    path("versions/<id:version_id>/draft/", versions.draft, name="version_draft"),
    path("versions/<id:version_id>/rows/", rows.rows, name="version_rows"),
    path("versions/<id:version_id>/preview/", rows.preview, name="version_preview"),
    path("versions/<id:version_id>/export/", versions.export, name="version_export"),
    path("versions/<id:version_id>/diff/", versions.changes, name="version_diff"),
    path("versions/<id:version_id>/evidence/", evidence.evidence, name="version_evidence"),
    path("versions/<id:version_id>/evidence/moves/", evidence.moves, name="version_moves"),
    path("versions/<id:version_id>/evidence/missed/", evidence.missed, name="version_missed"),
    path("versions/<id:version_id>/test/", trying.tested, name="test"),
    path("versions/<id:version_id>/golden/", trying.golden_leads, name="golden"),
    path("versions/<id:version_id>/golden/remove/", trying.golden_gone, name="remove_golden"),
    path("versions/<id:version_id>/health/", trying.health, name="health"),
    path("versions/<id:version_id>/health/leads/", trying.behind, name="health_leads"),
    path("versions/<id:version_id>/submit/", steps.submit, name="submit"),
    path("versions/<id:version_id>/withdraw/", steps.withdraw, name="withdraw"),
    path("versions/<id:version_id>/approve/", steps.approve, name="approve"),
    path("versions/<id:version_id>/return/", steps.return_, name="return"),
    path("versions/<id:version_id>/reject/", steps.reject, name="reject"),
    path("versions/<id:version_id>/activate/", steps.activate, name="activate"),
    path("versions/<id:version_id>/go-back/", steps.go_back, name="go_back"),
    path("versions/<id:version_id>/schedule/", steps.planned, name="schedule"),
    path("versions/<id:version_id>/rebase/", steps.rebased, name="rebase"),
    path("versions/<id:version_id>/bands/<slug:band>/agree/", steps.agreement, name="agree"),
    path("versions/<id:version_id>/scoring/", steps.scoring, name="scoring"),
    path("versions/<id:version_id>/scoring/stop/", steps.stop, name="stop_scoring"),
    path("versions/<id:version_id>/scoring/resume/", steps.resume, name="resume_scoring"),
]
