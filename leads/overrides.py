"""A person's judgement beside the score: set it, end it, and what it makes of the score.

The model keeps scoring underneath; the effective score is never stored. An override is active while
`starts_at <= t < ends_at`, one at a time per lead.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from leads import access, webhook_marks
from leads.effective import Effective, effective
from leads.models import Activity, Lead, Override, OverrideKind, OverrideReason, Score
from leads.notices.override_waits import review_waits
from leads.scorer import Scale, scorer
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.hooks.models import EventKind
from leadscoring.people.models import LARGE_OVERRIDE_BANDS, User

DEFAULT_LENGTH = timedelta(days=14)
GREATEST_LENGTH = timedelta(days=90)
GREATEST_POINTS = 1_000_000


def active(*, at: datetime) -> QuerySet[Override]:
    """The overrides that are active at that moment, of all leads."""
    return Override.objects.filter(starts_at__lte=at, ends_at__gt=at)


def running_on(lead: Lead, *, at: datetime) -> Override | None:
    """The override of a lead that counts at `at`, or that whoever had its lock before set later than that."""
    found = Override.objects.filter(lead=lead, ends_at__gt=at, planned_end=None)
    return found.select_related("author").first()


def active_then(lead_id: int, *, as_of: datetime, known_at: datetime | None) -> Override | None:
    """The override of a lead that was active at a moment, by what was known at another (None: now).

    Of one that was ended later than that, what was known is its planned end.
    """
    begun = Override.objects.filter(lead=lead_id, starts_at__lte=as_of).select_related("author")
    holds = Q(ends_at__gt=as_of)
    if known_at is not None:
        begun = begun.filter(starts_at__lte=known_at)
        holds |= Q(planned_end__gt=as_of, ends_at__gt=known_at)
    return begun.filter(holds).order_by("-starts_at", "-pk").first()


def counted(leads: Sequence[Lead], *, now: datetime) -> dict[int, Effective]:
    """What the leads with a score count for, by id; only those whose active override makes it another."""
    scales = scorer().scales()
    scored = {lead.pk: lead.score for lead in leads if hasattr(lead, "score")}
    if not scales.live or not scored:
        return {}
    found = {
        override.lead_id: effective(
            scored[override.lead_id], override, scales.of(scored[override.lead_id].version_id)
        )
        for override in active(at=now).filter(lead__in=scored)
    }
    return {lead_id: one for lead_id, one in found.items() if one.total != scored[lead_id].total}


def running(*, user: User, now: datetime) -> QuerySet[Override]:
    """The active overrides of the leads that this person may see, the latest first."""
    leads = access.visible_leads(user)
    return (
        active(at=now).filter(lead__in=leads).select_related("lead", "author").order_by("-starts_at", "-pk")
    )


@transaction.atomic
def set_override(
    *,
    lead_id: int,
    kind: OverrideKind,
    reason: OverrideReason,
    actor: User,
    at: datetime,
    points: int | None = None,
    band: str = "",
    note: str = "",
    ends_at: datetime | None = None,
) -> Override:
    """Override a lead's score from `at` until `ends_at` (default 14 days, at most 90 days later).

    `points` is the score to set, or the points to add (below 0: take); `band` is the key of the band to set.
    One that is running ends in the same step. Raises DomainError: `lead.not_found`, `lead.not_yours`,
    `lead.closed`, `override.points`, `override.band`, `override.end`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    access.check_open(lead)
    _check_content(lead_id, kind, points, band)
    replaced = running_on(lead, at=at)
    if replaced is not None:
        end(replaced, actor=actor, at=at)
    at = _free_from(lead, at)
    ends_at = _checked_end(at, ends_at)
    override = Override(
        lead=lead,
        kind=kind,
        points=points,
        band=band,
        reason=reason,
        note=note,
        author=actor,
        starts_at=at,
        ends_at=ends_at,
        replaces=replaced,
    )
    _begin(override, at)
    Activity.objects.create(lead=lead, actor=actor, verb=Activity.Verb.OVERRIDE, at=at, override=override)
    record(
        action="override.set",
        target=override,
        actor=actor,
        at=at,
        lead=lead.pk,
        kind=kind,
        points=points,
        band=band,
        reason=reason,
        ends_at=ends_at.isoformat(),
        replaced=replaced and replaced.pk,
        jump=override.jump,
        large=override.is_large,
    )
    review_waits(override, at=at)
    return override


@transaction.atomic
def end_override(*, override_id: int, actor: User, at: datetime) -> Override:
    """End a running override at `at`. Whoever may work the lead may do it.

    Raises DomainError: `override.not_found`, `lead.not_found`, `lead.not_yours`, `override.ended`.
    """
    found = Override.objects.filter(pk=override_id).first()
    if found is None:
        raise DomainError("override.not_found", _("There is no such override."))
    lead = access.lock_to_work(actor, found.lead_id, now=at)
    override = active(at=at).filter(pk=override_id).first()
    if override is None:
        raise DomainError("override.ended", _("This override has already ended."))
    end(override, actor=actor, at=at)
    Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.OVERRIDE_ENDED, at=at, override=override
    )
    return override


def resume(
    override: Override,
    *,
    actor: User,
    at: datetime,
    lead: Lead | None = None,
    replaces: Override | None = None,
) -> Override | None:
    """Set what somebody had ended early once more, until its own end; None where that has passed, or where
    its band is gone.

    A row of its own, so that the time between stays what it was; of another `lead` where one is named, in
    place of what was running there until now. Lock the lead first.
    Raises DomainError `override.replaced` where another one is running.
    """
    lead = lead or override.lead
    at = _free_from(lead, at)
    if override.planned_end is None or override.planned_end <= at:
        return None
    if override.kind == OverrideKind.BAND and override.band not in _band_keys(lead.pk):
        return None
    if running_on(lead, at=at) is not None:
        raise DomainError("override.replaced", _("The lead has another override by now. End that one first."))
    resumed = Override(
        lead=lead,
        kind=override.kind,
        points=override.points,
        band=override.band,
        reason=override.reason,
        note=override.note,
        author=override.author,
        starts_at=at,
        ends_at=override.planned_end,
        replaces=replaces,
        resumes=override,
    )
    _begin(resumed, at)
    record(action="override.resumed", target=resumed, actor=actor, at=at, resumes=override.pk)
    return resumed


def running_as(override: Override, *, at: datetime) -> Override | None:
    """The override, or what counts again in its place, if that is active at that moment."""
    running = active(at=at).filter(lead_id=override.lead_id).select_related("lead__team").first()
    earlier = running
    while earlier is not None and earlier.pk != override.pk:
        earlier = earlier.resumes
    return None if earlier is None else running


def _begin(override: Override, at: datetime) -> None:
    _measure(override)
    override.save()
    _tell(EventKind.OVERRIDE_SET, override, at)


def _measure(override: Override) -> None:
    """Note what the model says of the lead now, how many bands this moves it, and whether that is large."""
    scales = scorer().scales()
    score = Score.objects.filter(lead=override.lead_id).first()
    if not scales.live or score is None:
        return
    scale = scales.of(score.version_id)
    team = override.lead.team
    at_least = LARGE_OVERRIDE_BANDS if team is None else team.large_override_bands
    before = effective(score, None, scale).band
    after = scale.bands[0] if override.kind == OverrideKind.HOLD else effective(score, override, scale).band
    override.model_version, override.model_band = score.version_id, before.key
    override.model_total = score.total
    override.jump = after.rank - before.rank
    override.is_large = abs(override.jump) >= at_least


def _checked_end(at: datetime, ends_at: datetime | None) -> datetime:
    ends_at = ends_at or at + DEFAULT_LENGTH
    if not at < ends_at <= at + GREATEST_LENGTH:
        raise DomainError("override.end", _("An override ends after it starts, and at most 90 days later."))
    return ends_at


def _check_content(lead_id: int, kind: OverrideKind, points: int | None, band: str) -> None:
    if kind in (OverrideKind.SCORE, OverrideKind.POINTS):
        if points is None or abs(points) > GREATEST_POINTS or band:
            raise DomainError("override.points", _("Say how many points."))
        if kind is OverrideKind.POINTS and points == 0:
            raise DomainError("override.points", _("Adding 0 points changes nothing."))
    elif points is not None:
        raise DomainError("override.points", _("This kind of override takes no points."))
    if kind is OverrideKind.BAND and band not in _band_keys(lead_id):
        raise DomainError("override.band", _("The live scoring model has no such band."))
    if kind is OverrideKind.HOLD and band:
        raise DomainError("override.band", _("Holding back takes no band."))


def scale_of(lead_id: int) -> Scale | None:
    """The scale of a lead's score; before its first one that of the last live model, None where none is."""
    return scale_by(Score.objects.filter(lead=lead_id).values_list("version_id", flat=True).first())


def scale_by(version_id: int | None) -> Scale | None:
    """The same where it is known by which version the lead is scored, None for not yet."""
    scales = scorer().scales()
    if not scales.live:
        return None
    return scales.live[-1] if version_id is None else scales.of(version_id)


def _band_keys(lead_id: int) -> set[str]:
    scale = scale_of(lead_id)
    return set() if scale is None else {band.key for band in scale.bands}


def _free_from(lead: Lead, at: datetime) -> datetime:
    """`at`, or the later moment until which an override counted that has been ended since.

    Whoever waits for the lead's lock comes after who had it, also where they pressed before them.
    """
    ended = Override.objects.filter(lead=lead, ends_at__gt=at, planned_end__isnull=False)
    return ended.exclude(starts_at=F("ends_at")).aggregate(last=Max("ends_at"))["last"] or at


def end(override: Override, *, actor: User, at: datetime) -> None:
    override.planned_end = override.ends_at
    override.ends_at = max(at, override.starts_at)
    override.ended_by = actor
    override.save(update_fields=("planned_end", "ends_at", "ended_by"))
    _tell(EventKind.OVERRIDE_ENDED, override, at)
    record(action="override.ended", target=override, actor=actor, at=at, lead=override.lead_id)


def _tell(kind: EventKind, override: Override, at: datetime) -> None:
    """Mark it for the programs that want to know."""
    webhook_marks.mark_override(kind, override_id=override.pk, lead_id=override.lead_id, at=at)
