"""A lead's score at moments of the past, each by the version that scored it and by what was known then."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from leads.score_steps import Change, Known
from scoring_models.comparison import Stage, changes_between
from scoring_models.evaluation import detail, evaluate_pairs, frozen_spec
from scoring_models.models import ModelVersion


def changes(lead_id: int, moments: Sequence[Known]) -> list[list[Change]]:
    """The lines of the score that changed from each moment to the next. Raises Lead.DoesNotExist."""
    digests = _digests(moments)
    stages = []
    for one in moments:
        spec = frozen_spec(digests[one.version_id])
        stages.append(Stage(None, spec, detail(spec, lead_id, one.at, one.at)))
    return [changes_between(was.lines(), now.lines()) for was, now in pairwise(stages)]


def course(lead_id: int, moments: Sequence[Known]) -> dict[datetime, int]:
    """The total at each moment; none where the version doesn't score the lead. A statement a version."""
    digests, by_version = _digests(moments), defaultdict(set)
    for one in moments:
        by_version[one.version_id].add(one.at)
    return {
        row.as_of: row.total
        for version_id, times in by_version.items()
        for row in evaluate_pairs(
            frozen_spec(digests[version_id]), [(lead_id, at, at) for at in sorted(times)]
        )
    }


def _digests(moments: Sequence[Known]) -> dict[int, str]:
    versions = ModelVersion.objects.filter(pk__in={one.version_id for one in moments})
    return dict(versions.values_list("pk", "digest"))
