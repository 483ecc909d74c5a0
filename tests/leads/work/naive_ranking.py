"""The queue as its promise reads, in plain Python, to hold the SQL against."""

from collections.abc import Callable
from datetime import datetime, timedelta

from leads.effective import Effective, effective
from leads.models import (
    Activity,
    Claim,
    DatedValue,
    Lead,
    Override,
    OverrideKind,
    Response,
    Score,
    ScoreChange,
    Signal,
    Skip,
    Stage,
)
from leads.queue.criteria import Criteria, Sort
from leads.scorer import Scales
from leadscoring.people.models import User
from leadscoring.people.roles import Role

Ranked = list[tuple[int, Effective]]


def queue(user: User, scales: Scales, criteria: Criteria, *, now: datetime) -> Ranked:
    """Lead ids with what they count for, best first: the sales bands, for whoever works leads."""
    return _ranking("sales", _for_worker(user, criteria, now), user, scales, criteria, now=now)


def nurture(user: User, scales: Scales, criteria: Criteria, *, now: datetime) -> Ranked:
    """The same for marketing."""
    return _ranking("marketing", lambda _lead: True, user, scales, criteria, now=now)


def _ranking(
    worked_by: str,
    is_ours: Callable[[Lead], bool],
    user: User,
    scales: Scales,
    criteria: Criteria,
    *,
    now: datetime,
) -> Ranked:
    found: list[tuple[Score, Effective]] = []
    for score in Score.objects.all():
        lead = Lead.objects.get(pk=score.lead_id)
        override = _override(lead, now)
        counted = effective(score, override, scales.of(score.version_id))
        if (
            lead.is_open
            and is_ours(lead)
            and counted.band.worked_by == worked_by
            and (override is None or override.kind != OverrideKind.HOLD)
            and (worked_by == "marketing" or not _is_returned(lead, counted, user, criteria, now))
            and criteria.model in (None, scales.of(score.version_id).model_id)
            and criteria.stage in ("", stage_of(lead, now))
            and _is_asked_for(lead, counted, override, user, criteria, now)
        ):
            found.append((score, counted))
    found.sort(key=_place)
    return [(score.lead_id, counted) for score, counted in found]


def _place(entry: tuple[Score, Effective]) -> tuple[float, ...]:
    score, counted = entry
    return (-counted.band.rank, -counted.total, -score.last_intent_at.timestamp(), score.lead_id)


def _for_worker(user: User, criteria: Criteria, now: datetime) -> Callable[[Lead], bool]:
    def is_ours(lead: Lead) -> bool:
        if not _is_there(lead, user, criteria, now):
            return False
        claim = _claim(lead, now)
        own_team = lead.team_id is None or lead.team_id in user.team_ids
        if claim is not None:
            return own_team and claim.user_id == user.pk
        return own_team and (user.has_role(Role.MANAGER) or lead.owner_id in (None, user.pk))

    return is_ours


def _is_there(lead: Lead, user: User, criteria: Criteria, now: datetime) -> bool:
    """Held by whoever asks, or neither snoozed nor skipped by them."""
    claim = _claim(lead, now)
    if criteria.snoozed or (claim is not None and claim.user_id == user.pk):
        return True
    skips = Skip.objects.filter(lead=lead, user=user, ended_at=None)
    return not is_snoozed(lead, now) and all(skip.until <= now for skip in skips)


def _is_returned(lead: Lead, counted: Effective, user: User, criteria: Criteria, now: datetime) -> bool:
    """Marketing has it back, unless it counts for a higher band by now, or whoever asks holds it."""
    claim = _claim(lead, now)
    if lead.returned_rank is None or criteria.snoozed or (claim is not None and claim.user_id == user.pk):
        return False
    return counted.band.rank <= lead.returned_rank


def is_snoozed(lead: Lead, now: datetime) -> bool:
    if lead.snoozed_at is None or lead.snoozed_until is None:
        return False
    woken = lead.score.last_intent_at > lead.snoozed_at
    return now < lead.snoozed_until and not woken


def is_back(lead: Lead, now: datetime) -> bool:
    """Its snooze is over, or intent woke it, and nobody did anything with it since."""
    if lead.snoozed_at is None or lead.snoozed_until is None:
        return False
    woken = lead.score.last_intent_at if lead.score.last_intent_at > lead.snoozed_at else None
    since = lead.snoozed_until if lead.snoozed_until <= now else woken
    deeds = Activity.objects.filter(lead=lead, undone_at=None)
    return since is not None and all(deed.at < since for deed in deeds)


def stage_of(lead: Lead, now: datetime) -> str:
    """What a person set, unless signals of the last 90 days tell of a stage later than that."""
    told = [
        signal
        for signal in Signal.objects.filter(lead=lead, retracted_at=None).select_related("type")
        if signal.type.stage and now - timedelta(days=90) < signal.occurred_at <= now
    ]
    latest = max((signal.occurred_at for signal in told), default=None)
    values = DatedValue.objects.filter(lead=lead, key="journey_stage", since__lte=now)
    set_at = [value.since for value in values if value.since]
    by_hand = lead.facts.get("journey_stage")
    if by_hand is not None and (latest is None or any(since > latest for since in set_at)):
        return str(by_hand)
    steps = (Stage.DECISION, Stage.CONSIDERATION, Stage.AWARENESS)
    return next((step.value for step in steps if any(each.type.stage == step for each in told)), "none")


def sort_key(sort: Sort, lead_id: int, now: datetime) -> float:
    """What a list in another order is sorted by, the greatest first."""
    score = Score.objects.get(pk=lead_id)
    if sort is Sort.INTENT:
        return score.last_intent_at.timestamp()
    if sort is Sort.WAITING:
        running = Response.objects.filter(pk=lead_id).first()
        starts = [at for at in (running.signal_at, running.assigned_at) if at] if running else []
        return -min(starts).timestamp() if starts else -1e15
    kept = list(ScoreChange.objects.filter(lead_id=lead_id, at__lte=now).order_by("at"))
    before = [one for one in kept if one.at <= now - timedelta(days=1)]
    return abs(score.total - before[-1].total) if before and before[-1] != kept[-1] else 0


def _is_asked_for(
    lead: Lead,
    counted: Effective,
    override: Override | None,
    user: User,
    criteria: Criteria,
    now: datetime,
) -> bool:
    claim = _claim(lead, now)
    if criteria.snoozed:
        mine = lead.snoozes.filter(user=user, ended_at=None, until__gt=now).exists()
        if not (mine and is_snoozed(lead, now)):
            return False
    if criteria.back and not is_back(lead, now):
        return False
    return (
        (not criteria.bands or counted.band.key in criteria.bands)
        and (not criteria.owners or (lead.owner_id or 0) in criteria.owners)
        and (criteria.team is None or (lead.team_id or 0) == criteria.team)
        and (not criteria.source or lead.source == criteria.source)
        and (not criteria.country or lead.country == criteria.country)
        and (
            not criteria.industry or (lead.account is not None and lead.account.industry == criteria.industry)
        )
        and criteria.inbound in (None, lead.inbound)
        and (not criteria.overridden or override is not None)
        and (not criteria.claimed or (claim is not None and claim.user_id == user.pk))
    )


def _override(lead: Lead, now: datetime) -> Override | None:
    return next((o for o in lead.overrides.all() if o.starts_at <= now < o.ends_at), None)


def _claim(lead: Lead, now: datetime) -> Claim | None:
    return Claim.objects.filter(lead=lead, expires_at__gt=now).first()
