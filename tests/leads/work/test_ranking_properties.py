"""The SQL ranks exactly as the naive ranking does, for generated teams, leads, overrides and claims."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, pairwise
from unittest.mock import patch
from uuid import uuid4

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import (
    Account,
    Activity,
    Claim,
    DatedValue,
    Lead,
    Override,
    OverrideReason,
    Response,
    ScoreChange,
    Signal,
    SignalType,
    Skip,
    SkipReason,
    Snooze,
)
from leads.models.score import NEVER
from leads.queue import nurture, ranking
from leads.queue.criteria import Criteria, Sort
from leads.scorer import Scales
from leadscoring.people.models import User
from tests.leads.work import naive_ranking
from tests.leads.work.conftest import NOW, Cast, make_lead
from tests.leads.work.fixed_scorer import REFERENCE, FixedScorer, scale_of

SCALES = (
    REFERENCE,
    scale_of(("only", None, "sales"), floor=None),
    scale_of(("low", None, "sales"), ("mid", 31, "marketing"), ("high", 61, "sales"), ceiling=90),
    scale_of(("low", None, "marketing"), ("high", 50, "sales"), floor=-20, ceiling=45),
)
BAND_KEYS = sorted({band.key for scale in SCALES for band in scale.bands})


@st.composite
def scales(draw: st.DrawFn) -> Scales:
    """One to three scales: of models that are asked one after the other, and of earlier versions."""
    chosen = draw(
        st.permutations(SCALES).map(lambda some: some[:3]) | st.sampled_from(SCALES).map(lambda one: [one])
    )
    live = draw(st.integers(1, len(chosen)))
    made = [
        replace(scale, version_id=number, model_id=number if number <= live else 1)
        for number, scale in enumerate(chosen, start=1)
    ]
    return Scales(tuple(made[:live]), tuple(made[live:]))


@dataclass(frozen=True)
class Given:
    team: str | None
    owner: str | None
    is_open: bool
    total: int
    intent_days_ago: int | None
    source: str | None
    scale: int
    industry: str | None
    inbound: bool | None
    kind: str | None
    points: int
    band: str
    override_from: int
    override_until: int
    holder: str | None
    held_until: int
    snoozed: tuple[str, int, float] | None
    skipped: tuple[str, int] | None
    returned_rank: int | None
    waits_hours: int | None
    was: tuple[int, ...]
    was_touched: bool
    stage_told: tuple[str, int] | None
    stage_set: tuple[str, int] | None


LEADS = st.builds(
    Given,
    team=st.sampled_from(("north", "north", "north", "south", None)),
    owner=st.sampled_from((None, None, "alice", "bob", "carol")),
    is_open=st.sampled_from((True, True, True, False)),
    total=st.sampled_from((5, 40, 40, 65, 90)),  # few values: ties must break pages
    intent_days_ago=st.sampled_from((None, None, 0, 1)),
    source=st.sampled_from((None, "webinar")),
    scale=st.integers(0, 5),
    industry=st.sampled_from((None, "software")),
    inbound=st.sampled_from((None, True, False)),
    kind=st.sampled_from((None, None, None, None, "score", "points", "band", "hold")),
    points=st.integers(-60, 120),
    band=st.sampled_from(BAND_KEYS),
    override_from=st.sampled_from((-10, 0, 1)),
    override_until=st.sampled_from((0, 1, 10)),
    holder=st.sampled_from((None, None, None, "alice", "bob")),
    held_until=st.sampled_from((0, 1, 10)),
    snoozed=st.none()
    | st.tuples(
        st.sampled_from(("alice", "carol")), st.sampled_from((0, 1, 9)), st.sampled_from((0.5, 1, 2))
    ),
    returned_rank=st.sampled_from((None, None, -1, -2, -3)),
    waits_hours=st.sampled_from((None, 1, 1, 30)),
    was=st.lists(st.sampled_from((5, 40, 90)), max_size=3).map(tuple),
    was_touched=st.sampled_from((False, False, True)),
    skipped=st.none() | st.tuples(st.sampled_from(("alice", "bob")), st.sampled_from((0, 1))),
    stage_told=st.none()
    | st.tuples(st.sampled_from(("page_view", "demo_request")), st.sampled_from((-1, 0, 1, 89, 90))),
    stage_set=st.none() | st.tuples(st.sampled_from(("awareness", "decision")), st.sampled_from((0, 1, 200))),
)


@dataclass(frozen=True)
class Asked:
    bands: frozenset[str]
    owner: str | None
    team: str | None
    source: str
    industry: str
    inbound: bool | None
    model: int | None
    stage: str
    claimed: bool
    overridden: bool
    snoozed: bool
    back: bool


ASKED = st.builds(
    Asked,
    bands=st.frozensets(st.sampled_from(BAND_KEYS), max_size=2),
    owner=st.sampled_from((None, None, "alice", "bob", "nobody")),
    team=st.sampled_from((None, None, "north", "none")),
    source=st.sampled_from(("", "", "webinar")),
    industry=st.sampled_from(("", "", "", "software")),
    inbound=st.sampled_from((None, None, None, True, False)),
    model=st.sampled_from((None, None, 1, 2)),
    stage=st.sampled_from(("", "", "", "decision", "awareness", "none")),
    claimed=st.sampled_from((False, False, True)),
    overridden=st.sampled_from((False, False, True)),
    snoozed=st.sampled_from((False, False, True)),
    back=st.sampled_from((False, False, True)),
)


@contextmanager
def world(cast: Cast, leads: list[Given], scales: Scales) -> Iterator[None]:
    """These leads and these scales, for the length of one example."""
    with transaction.atomic():
        *before, FixedScorer.live = scales.live
        FixedScorer.before, FixedScorer.earlier = tuple(before), scales.earlier
        for given_lead in leads:
            plant(cast, given_lead, scales)
        yield
        transaction.set_rollback(True)


def plant(cast: Cast, given_lead: Given, scales: Scales) -> None:
    days = given_lead.intent_days_ago
    lead = make_lead(
        getattr(cast, given_lead.team or "", None),
        given_lead.total,
        owner=getattr(cast, given_lead.owner or "", None),
        is_open=given_lead.is_open,
        last_intent_at=NEVER if days is None else NOW - timedelta(days=days),
        scale=scales.all[given_lead.scale % len(scales.all)],
        source=given_lead.source,
        inbound=given_lead.inbound,
        account=given_lead.industry and Account.objects.create(industry=given_lead.industry),
    )
    if given_lead.kind is not None and given_lead.override_from <= given_lead.override_until:
        plant_override(cast, given_lead, lead, given_lead.kind)
    if given_lead.holder is not None:
        expires_at = NOW + timedelta(seconds=given_lead.held_until)
        holder = getattr(cast, given_lead.holder)
        Claim.objects.create(lead=lead, user=holder, taken_at=NOW, expires_at=expires_at)
    plant_absence(cast, given_lead, lead)
    plant_past(cast, given_lead, lead)
    plant_stage(given_lead, lead)


def plant_stage(given_lead: Given, lead: Lead) -> None:
    """What a signal tells of its stage, so many days ago, and what a person set."""
    if given_lead.stage_told is not None:
        type_key, days = given_lead.stage_told
        signal_type = SignalType.objects.get(key=type_key)
        at = NOW - timedelta(days=days)
        Signal.objects.create(lead=lead, type=signal_type, occurred_at=at, received_at=at, key=uuid4())
    if given_lead.stage_set is not None:
        stage, days = given_lead.stage_set
        at = NOW - timedelta(days=days)
        lead.facts = {"journey_stage": stage}
        lead.save()
        DatedValue.objects.create(lead=lead, key="journey_stage", value=stage, since=at, recorded_at=at)


def plant_past(cast: Cast, given_lead: Given, lead: Lead) -> None:
    """Since when it waits, what its score was every 15 hours, and whether somebody did something just now."""
    if given_lead.waits_hours is not None:
        at = NOW - timedelta(hours=given_lead.waits_hours)
        Response.objects.create(lead=lead, team_id=0, owner_id=0, signal_at=at, assigned_at=NOW, due_at=NOW)
    for place, total in enumerate(given_lead.was):
        ScoreChange.objects.create(
            lead_id=lead.pk,
            at=NOW - timedelta(hours=15 * place),
            version_id=lead.score.version_id,
            total=total,
            engagement=0,
            fit=0,
            band=-1,
            cause=1,
        )
    if given_lead.was_touched:
        Activity.objects.create(lead=lead, actor=cast.alice, verb=Activity.Verb.NOTE, at=NOW)


def plant_absence(cast: Cast, given_lead: Given, lead: Lead) -> None:
    lead.returned_rank = given_lead.returned_rank
    lead.save()
    if given_lead.snoozed is not None:
        name, seconds, days_ago = given_lead.snoozed
        at, until = NOW - timedelta(days=days_ago), NOW + timedelta(seconds=seconds)
        Snooze.objects.create(lead=lead, user=getattr(cast, name), at=at, until=until)
        lead.snoozed_at, lead.snoozed_until = at, until
        lead.save()
    if given_lead.skipped is not None:
        name, seconds = given_lead.skipped
        until = NOW + timedelta(seconds=seconds)
        reason = SkipReason.OTHER
        Skip.objects.create(lead=lead, user=getattr(cast, name), at=NOW, until=until, reason=reason)


def plant_override(cast: Cast, given_lead: Given, lead: Lead, kind: str) -> None:
    Override.objects.create(
        lead=lead,
        kind=kind,
        points=given_lead.points if kind in ("score", "points") else None,
        band=given_lead.band if kind == "band" else "",
        reason=OverrideReason.MET,
        author=cast.carol,
        starts_at=NOW + timedelta(seconds=given_lead.override_from),
        ends_at=NOW + timedelta(seconds=given_lead.override_until),
    )


def criteria_of(cast: Cast, asked: Asked) -> Criteria:
    owner = {None: (), "nobody": (0,)}.get(asked.owner)
    team = {None: None, "none": 0}.get(asked.team, cast.north.pk)
    return Criteria(
        bands=asked.bands,
        owners=frozenset((getattr(cast, asked.owner or "").pk,) if owner is None else owner),
        team=team,
        source=asked.source,
        industry=asked.industry,
        inbound=asked.inbound,
        model=asked.model,
        stage=asked.stage,
        claimed=asked.claimed,
        overridden=asked.overridden,
        snoozed=asked.snoozed,
        back=asked.back,
    )


def walk(page: Callable[[str | None], ranking.Page], size: int) -> list[ranking.Row]:
    """All rows forwards, page by page; on the way every page is reached backwards too."""
    pages = [page(None)]
    while pages[-1].next is not None:
        pages.append(page(pages[-1].next))
    for earlier, later in pairwise(pages):
        assert later.previous is not None
        assert page(later.previous).rows == earlier.rows
    assert pages[0].previous is None
    assert all(len(page.rows) == size for page in pages[:-1])
    return [row for page in pages for row in page.rows]


def as_ranked(rows: list[ranking.Row]) -> list[tuple[int, int, str]]:
    return [(row.lead.pk, row.score, row.band.key) for row in rows]


def expected(ranked: naive_ranking.Ranked) -> list[tuple[int, int, str]]:
    return [(lead_id, counted.total, counted.band.key) for lead_id, counted in ranked]


def band_counts(ranked: naive_ranking.Ranked) -> dict[str, int]:
    keys = [counted.band.key for _lead_id, counted in ranked]
    return {key: keys.count(key) for key in keys}


examples = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@examples
@given(
    leads=st.lists(LEADS, max_size=12),
    scales=scales(),
    asked=ASKED,
    name=st.sampled_from(("alice", "carol", "dan")),
    size=st.integers(1, 5),
    rare=st.sampled_from((0, 5000)),
)
def test_the_queue_is_the_naive_one_page_by_page(
    cast: Cast, leads: list[Given], scales: Scales, asked: Asked, name: str, size: int, rare: int
) -> None:
    user: User = getattr(cast, name)
    criteria = criteria_of(cast, asked)
    with world(cast, leads, scales), patch("leads.queue.values_sql.RARE", rare):
        naive = naive_ranking.queue(user, scales, criteria, now=NOW)
        rows = walk(
            lambda after: ranking.ranked(user=user, now=NOW, criteria=criteria, after=after, size=size), size
        )

        assert as_ranked(rows) == expected(naive)


@examples
@given(
    leads=st.lists(LEADS, max_size=12),
    scales=scales(),
    asked=ASKED,
    size=st.integers(1, 5),
    window=st.sampled_from((1, 3, 5000)),
    sort=st.sampled_from((Sort.INTENT, Sort.WAITING, Sort.CHANGE)),
)
def test_a_list_in_another_order_is_of_the_best_leads(
    cast: Cast, leads: list[Given], scales: Scales, asked: Asked, size: int, window: int, sort: Sort
) -> None:
    criteria = criteria_of(cast, asked)
    with world(cast, leads, scales), patch("leads.queue.ranking_sql.WINDOW", window):
        naive = naive_ranking.queue(cast.carol, scales, criteria, now=NOW)[:window]
        naive.sort(key=lambda entry: (-naive_ranking.sort_key(sort, entry[0], NOW), entry[0]))
        rows = walk(
            lambda after: ranking.ranked(
                user=cast.carol, now=NOW, criteria=criteria, after=after, size=size, sort=sort
            ),
            size,
        )

        assert as_ranked(rows) == expected(naive)


@examples
@given(
    leads=st.lists(LEADS, max_size=12),
    scales=scales(),
    asked=ASKED,
    name=st.sampled_from(("alice", "carol", "dan")),
)
def test_the_counts_and_the_free_leads_are_the_naive_ones(
    cast: Cast, leads: list[Given], scales: Scales, asked: Asked, name: str
) -> None:
    user: User = getattr(cast, name)
    criteria = criteria_of(cast, asked)
    with world(cast, leads, scales):
        waiting = ranking.waiting(user=user, now=NOW, criteria=criteria)
        free = list(chain.from_iterable(ranking.free_lead_ids(user=user, now=NOW, criteria=criteria)))
        naive = naive_ranking.queue(user, scales, criteria, now=NOW)
        every_band = naive_ranking.queue(user, scales, replace(criteria, bands=frozenset()), now=NOW)
        held = set(Claim.objects.filter(expires_at__gt=NOW).values_list("lead_id", flat=True))

        assert {entry.band.key: entry.count for entry in waiting if entry.count} == band_counts(every_band)
        assert free == [lead_id for lead_id, _counted in naive if lead_id not in held]


@examples
@given(
    leads=st.lists(LEADS, max_size=12),
    scales=scales(),
    asked=ASKED,
    size=st.integers(1, 5),
)
def test_marketings_list_is_the_naive_one_page_by_page(
    cast: Cast, leads: list[Given], scales: Scales, asked: Asked, size: int
) -> None:
    criteria = replace(criteria_of(cast, asked), claimed=False, snoozed=False)
    with world(cast, leads, scales):
        naive = naive_ranking.nurture(cast.mia, scales, criteria, now=NOW)
        rows = walk(
            lambda after: nurture.nurture(user=cast.mia, now=NOW, criteria=criteria, after=after, size=size),
            size,
        )

        assert as_ranked(rows) == expected(naive)
