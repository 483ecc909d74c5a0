"""A version that is live, for tests that score."""

from datetime import datetime

from django.utils import timezone

from leadscoring.people.models import User
from scoring_models import versions
from scoring_models.models import ModelVersion
from scoring_models.spec import Spec
from tests.scoring_models.reference import REFERENCE


def go_live(spec: Spec = REFERENCE, *, at: datetime | None = None) -> ModelVersion:
    """Put a spec live as the first version of its model."""
    run = versions.set_up(spec=spec, actor=User.objects.system(), at=at or timezone.now())
    return run.version
