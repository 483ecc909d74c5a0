"""Making drafts: from a spec, from a version, from a text. Editing them is the admin's business."""

from datetime import datetime

from django.db import connection
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from leads.models import Attribute
from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models.live import live_version
from scoring_models.models import Band, ModelVersion, Rule, ScoringModel, VersionList, VersionState
from scoring_models.permissions import Step, require
from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    Inactivity,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from scoring_models.spec_text.frozen import value_text
from scoring_models.spec_text.rows import spec_of


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
            floor=spec.floor,
            ceiling=spec.ceiling,
            engagement_cap=spec.engagement.cap,
            engagement_floor=spec.engagement.floor,
            fit_cap=spec.fit.cap,
            fit_floor=spec.fit.floor,
        )
        _write_rows(version, spec)
        record(action="version.drafted", target=version, actor=actor, at=at, number=version.number)
    return version


def start_from(*, version: ModelVersion, actor: User, at: datetime) -> ModelVersion:
    """A draft with the rules of `version`, live or not."""
    return create(
        spec=spec_of(version),
        actor=actor,
        at=at,
        note=_("Starts from version %(number)d.") % {"number": version.number},
    )


def discard(*, version: ModelVersion, actor: User, at: datetime) -> None:
    """Remove a draft that nobody has reviewed yet. Raises DomainError for any other version."""
    require(actor, Step.DRAFT)
    with acting(actor):
        locked = ModelVersion.objects.select_for_update().get(pk=version.pk)
        if locked.state != VersionState.DRAFT:
            raise DomainError("not_a_draft", _("Only a draft can be discarded."))
        if locked.reviews.exists():
            raise DomainError("was_reviewed", _("This draft has been reviewed, so it is kept."))
        record(action="version.discarded", target=version, actor=actor, at=at, number=version.number)
        for rows in (locked.rules, locked.bands, locked.lists):
            rows.all().delete()
        # The ORM would delete the editors too, which only a trigger may.
        versions = ModelVersion.objects.filter(pk=locked.pk)
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


def _write_rows(version: ModelVersion, spec: Spec) -> None:
    VersionList.objects.bulk_create(
        VersionList(version=version, name=name, values=list(values)) for name, values in spec.lists
    )
    Band.objects.bulk_create(_band_row(version, band) for band in spec.bands)
    attributes = {row.key: row for row in Attribute.objects.all()}
    Rule.objects.bulk_create(
        _rule_row(version, index, rule, spec, attributes) for index, rule in enumerate(spec.rules, start=1)
    )


def _band_row(version: ModelVersion, band: BandSpec) -> Band:
    return Band(
        version=version,
        key=band.key,
        name=band.name,
        lower_edge=band.lower_edge,
        means=band.means,
        action=band.action,
        worked_by=band.worked_by,
        respond_within_hours=band.respond_within_hours,
    )


def _rule_row(
    version: ModelVersion, position: int, rule: RuleSpec, spec: Spec, attributes: dict[str, Attribute]
) -> Rule:
    row = Rule(
        version=version,
        position=position,
        key=rule.key,
        dimension=rule.dimension,
        points=rule.points,
        enabled=rule.enabled,
        note=rule.note,
    )
    match rule.condition:
        case AttributeCondition() as condition:
            _fill_attribute(row, condition, attributes)
        case SignalAtLeast(types, at_least, window):
            row.kind, row.signal_types = Rule.Kind.AT_LEAST, list(types)
            row.at_least, row.window_days = at_least, window
        case SignalEach(types, at_most, window):
            row.kind, row.signal_types = Rule.Kind.EACH, list(types)
            row.at_most, row.window_days = at_most, window
        case Inactivity(types, days):
            usual = types == spec.engagement_types
            row.kind, row.signal_types, row.idle_days = (
                Rule.Kind.INACTIVITY,
                [] if usual else list(types),
                days,
            )
    return row


def _fill_attribute(row: Rule, condition: AttributeCondition, attributes: dict[str, Attribute]) -> None:
    if condition.field not in attributes:
        raise DomainError(
            "no_attribute", _("There is no attribute %(key)s. Define it first.") % {"key": condition.field}
        )
    row.kind, row.attribute, row.operator = (
        Rule.Kind.ATTRIBUTE,
        attributes[condition.field],
        str(condition.op),
    )
    if condition.list_name is not None:
        row.value_list = condition.list_name
    else:
        row.values = list(condition.given or map(value_text, condition.values))
