"""Several people may share a browser: what is done without a name is whoever's signed in last before it."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leads.intake import quarantine
from leads.models import IntakeAttached, IntakeBelonging, IntakeMessage, Retraction, Signal
from tests.intake.conftest import Tracker, said, use

JO, LU = "jo@brandt.example", "lu@brandt.example"
TIMES = "2026-03-{:02}T10:00:00Z"


def signs_in(day: int, user: str, email: str) -> dict[str, Any]:
    return said(
        "identify", userId=user, anonymousId="a", traits={"email": email}, timestamp=TIMES.format(day)
    )


def clicks(day: int, **who: str) -> dict[str, Any]:
    return said("track", **{"anonymousId": "a", **who}, event="Signed Up", timestamp=TIMES.format(day))


STORY = (
    clicks(1),
    signs_in(5, "u1", JO),
    clicks(6, userId="u2"),
    clicks(7),
    signs_in(10, "u2", LU),
    clicks(12),
    signs_in(15, "u1", JO),
    clicks(16),
    said("alias", previousId="b", userId="u2", timestamp=TIMES.format(17)),
    said("page", anonymousId="b", name="/", timestamp=TIMES.format(18)),
)
WHOSE = {(JO, day) for day in (1, 7, 16)} | {(LU, day) for day in (6, 12, 18)}


def whose() -> set[tuple[str | None, int]]:
    """Who has which day's signal, those that were taken back left out; each once."""
    found = Signal.objects.filter(retracted_at=None).values_list("lead__email", "occurred_at")
    rows = [(email, at.day) for email, at in found]
    assert len(rows) == len(set(rows)) and not IntakeMessage.objects.exists()
    return set(rows)


@settings(
    max_examples=12, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(len(STORY))), cuts=st.sets(st.integers(1, len(STORY) - 1)))
def test_whose_it_is_follows_the_times_in_whatever_order_it_comes(
    tracker: Tracker, order: list[int], cuts: set[int]
) -> None:
    with transaction.atomic():
        mixed = [STORY[place] for place in order]
        for a, b in itertools.pairwise([0, *sorted(cuts), len(STORY)]):
            tracker.batch(*mixed[a:b], mixed[a])
            use()
        assert whose() == WHOSE
        transaction.set_rollback(True)


def test_what_somebody_got_too_early_is_taken_back_and_given_to_whose_it_is(tracker: Tracker) -> None:
    tracker.batch(signs_in(5, "u1", JO), clicks(12))
    use()
    assert whose() == {(JO, 12)}
    tracker.batch(signs_in(10, "u2", LU))
    use()
    assert whose() == {(LU, 12)}
    assert Retraction.objects.count() == 1
    tracker.batch(clicks(12), signs_in(11, "u1", JO))
    use()
    assert whose() == {(JO, 12)}


def test_signing_in_again_moves_nothing(tracker: Tracker) -> None:
    tracker.batch(signs_in(5, "u1", JO), clicks(12))
    use()
    by_address = said("identify", anonymousId="a", traits={"email": JO}, timestamp=TIMES.format(9))
    tracker.batch(by_address, signs_in(10, "u1", JO))
    use()
    assert whose() == {(JO, 12)} and not Retraction.objects.exists()


def test_who_names_somebody_unknown_is_waited_for_whoever_had_the_browser(tracker: Tracker) -> None:
    tracker.batch(signs_in(5, "u1", JO), clicks(6, userId="u2"))
    use()
    held = IntakeMessage.objects.get()
    assert (held.state, held.waits_for) == (IntakeMessage.State.HELD, "external_id:u2")
    tracker.batch(signs_in(10, "u2", LU))
    use()
    assert whose() == {(LU, 6)}


def test_after_a_year_it_is_settled_whose_it_was(tracker: Tracker) -> None:
    tracker.batch(*STORY[:-2])
    use()
    IntakeAttached.objects.update(received_at=TIMES.format(12).replace("2026", "2024"))
    quarantine.forget(at=datetime(2027, 3, 12, tzinfo=UTC))
    assert not IntakeAttached.objects.exists()
    said = IntakeBelonging.objects.order_by("at").values_list("means", "at__day")
    assert list(said) == [("external_id:u2", 10), ("external_id:u1", 15)]
