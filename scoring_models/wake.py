"""The hints that scoring sends to workers."""

from leadscoring.hints import SWEPT_SECONDS, Hint


def score_stale() -> None:
    """Have stale leads scored."""
    Hint("scoring_models.tasks.score_stale", expires=SWEPT_SECONDS).after_commit()


def score_due() -> None:
    """Have leads scored that time has changed."""
    Hint("scoring_models.tasks.score_due", expires=SWEPT_SECONDS).after_commit()


def rescore(run_id: int, *, workers: int = 2) -> None:
    """Have a rescore run worked on. More than two at once would only wait for the same database."""
    Hint("scoring_models.tasks.rescore_version", (run_id,), times=workers).after_commit()


def evidence(evidence_id: int) -> None:
    """Have the evidence of a version computed."""
    Hint("scoring_models.tasks.compute_evidence", (evidence_id,)).after_commit()
