"""Telling other programs that another version is live: one message, however many scores it changes."""

from datetime import datetime
from typing import Any

from django.conf import settings

from leadscoring.hooks.emitting import News, emit, moment
from leadscoring.hooks.models import EventKind
from leadscoring.people.models import User
from scoring_models.models import ModelVersion


def announce(
    version: ModelVersion, *, instead_of: ModelVersion | None, actor: User, since: datetime, at: datetime
) -> None:
    """Tell that `version` is live since then. Call it in the transaction in which its run begins."""
    data = {
        "model": {"id": version.model_id, "name": version.model.name},
        "version": _of(version),
        "previous": {"version": None if instead_of is None else _of(instead_of)},
        "activated_by": actor.pk,
        "at": moment(since),
    }
    emit([News(EventKind.ACTIVATED, since, data)], now=at)


def _of(version: ModelVersion) -> dict[str, Any]:
    return {
        "id": version.pk,
        "number": version.number,
        "digest": version.digest,
        "url": f"{settings.PUBLIC_URL}/models/{version.pk}/",
    }
