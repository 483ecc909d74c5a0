"""Making drafts: from a spec, from a version, from a text; and editing one as a whole, as programs do."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models.draft_rows import stored_conditions, write_rows
from scoring_models.live import live_version
from scoring_models.locks import locked
from scoring_models.models import ModelVersion, ScoringModel, VersionState
from scoring_models.permissions import Step, require
from scoring_models.spec import Spec
from scoring_models.spec_text.rows import spec_of

LONGEST_NAME = 100


def create(*, spec: Spec, actor: User, at: datetime, note: str = "") -> ModelVersion:
    """A draft with the rules of `spec`, as the next version of the model it names.

    A model that is new goes first in the order of models. The draft is cut from what is live now: another
    version that goes live before it makes it stale.
    """
    require(actor, Step.DRAFT)
    with acting(actor):
        model = _model(spec.model)
        last = model.versions.aggregate(Max("number"))["number__max"] or 0
        version = ModelVersion.objects.create(
            model=model,
            number=last + 1,
            note=note,
            based_on=live_version(model, at=at),
            created_by=actor,
            created_at=at,
            **_settings(spec),
        )
        write_rows(version, spec)
        record(action="version.drafted", target=version, actor=actor, at=at, number=version.number)
    return version


def new_model(*, name: str, spec: Spec, actor: User, at: datetime) -> ModelVersion:
    """The first draft of a model of that name, with the rules of `spec`. It is asked first, once it is live.

    Raises DomainError: `no_name`, `name_taken`.
    """
    require(actor, Step.DRAFT)
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise DomainError("no_name", _("Give the model a name of at most 100 characters."))
    with acting(actor):
        if ScoringModel.objects.filter(name=name).exists():
            raise DomainError("name_taken", _("There is a model of that name already."))
        return create(spec=replace(spec, model=name, golden=()), actor=actor, at=at)


def start_from(*, version: ModelVersion, actor: User, at: datetime) -> ModelVersion:
    """A draft with the rules of `version`, live or not."""
    return create(
        spec=spec_of(version),
        actor=actor,
        at=at,
        note=_("Starts from version %(number)d.") % {"number": version.number},
    )


def edit(*, version: ModelVersion, spec: Spec, note: str, actor: User, at: datetime) -> None:
    """Let a draft say what `spec` does, whose model it keeps. Raises DomainError `not_a_draft`,
    `version.not_found`.
    """
    require(actor, Step.DRAFT)
    with acting(actor):
        draft = locked(version)
        check_draft(draft)
        draft.note = note
        for name, value in _settings(spec).items():
            setattr(draft, name, value)
        draft.save()
        for rows in (draft.rules, draft.bands, draft.lists, draft.golden):
            rows.all().delete()
        write_rows(draft, spec)
        record(action="version.edited", target=draft, actor=actor, at=at, changed=["spec"])


def check_draft(version: ModelVersion) -> None:
    """Raises DomainError `not_a_draft`."""
    if version.state != VersionState.DRAFT:
        raise DomainError("not_a_draft", _("Only a draft can be edited."))


def _settings(spec: Spec) -> dict[str, Any]:
    """What stands in the version's own row."""
    return {
        "floor": spec.floor,
        "ceiling": spec.ceiling,
        "engagement_cap": spec.engagement.cap,
        "engagement_floor": spec.engagement.floor,
        "fit_cap": spec.fit.cap,
        "fit_floor": spec.fit.floor,
        "audience": stored_conditions(spec.audience),
    }


def discard(*, version: ModelVersion, actor: User, at: datetime) -> None:
    """Remove a draft that nobody has reviewed yet. Raises DomainError for any other version."""
    require(actor, Step.DRAFT)
    with acting(actor):
        draft = locked(version)
        if draft.state != VersionState.DRAFT:
            raise DomainError("not_a_draft", _("Only a draft can be discarded."))
        if draft.reviews.exists():
            raise DomainError("was_reviewed", _("This draft has been reviewed, so it is kept."))
        record(action="version.discarded", target=version, actor=actor, at=at, number=version.number)
        for rows in (draft.rules, draft.bands, draft.lists, draft.golden, draft.evidence):
            rows.all().delete()
        # The ORM would delete the editors too, which only a trigger may.
        versions = ModelVersion.objects.filter(pk=draft.pk)
        versions._raw_delete(versions.db)


def _model(name: str) -> ScoringModel:
    """The model of that name, locked, so that two drafts never take one number."""
    if found := _locked_model(name):
        return found
    with connection.cursor() as cursor:
        # Nothing is there yet to lock: of two who name the same new model, the second finds the first's.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('scoring_models.scoringmodel'))")
    if found := _locked_model(name):
        return found
    first = ScoringModel.objects.aggregate(Min("position"))["position__min"]
    return ScoringModel.objects.create(name=name, position=0 if first is None else first - 1)


def _locked_model(name: str) -> ScoringModel | None:
    return ScoringModel.objects.select_for_update().filter(name=name).first()
