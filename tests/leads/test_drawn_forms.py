"""Empty forms are drawn once for all panels, and again as soon as they would look otherwise."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.template import engines
from django.template.loader import get_template
from django.utils import timezone
from django.utils.translation import override

from leads.blank_forms import Blank, blank_forms
from leads.business_hours import Hours
from leads.handoff_forms import ReturnForm
from leads.models import SignalClass, SignalType
from leads.queue.mornings import Mornings, eight_on_weekdays
from leads.scorer import Scale
from scoring_models.revision import revision_now
from tests.leads.work.fixed_scorer import REFERENCE, scale_of

FIELDS = "leads/return_fields.html"
NOW = datetime(2026, 3, 18, 9, 30, 20, tzinfo=UTC)


def drawn(form: Blank, fields: str = FIELDS) -> str:
    template = engines["django"].from_string("{% load drawn %}{% drawn form fields %}")
    return template.render({"form": form, "fields": fields})


def test_the_same_form_is_drawn_once() -> None:
    first = drawn(Blank(ReturnForm))
    assert drawn(Blank(lambda: pytest.fail("made again"))) == first


def test_another_language_is_drawn_anew() -> None:
    drawn(Blank(ReturnForm))
    with override("de"):
        drawn(Blank(ReturnForm))
    assert sum("drawn-" in key for key in cache._cache) == 2  # type: ignore[attr-defined]


def blank_of(minutes: int, refuses: bool, scale: Scale | None, hours: Hours) -> Mapping[str, Blank]:
    return blank_forms(
        now=NOW + timedelta(minutes=minutes),
        scale=scale,
        refuses=refuses,
        mornings=Mornings(hours),
        vocabulary=revision_now().vocabulary,
    )


BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
OTHER_SCALE = scale_of(("low", None, "marketing"), ("top", 50, "sales"))
SHORT_WEEK = Hours(BERLIN, ((8 * 60, 12 * 60), *[None] * 6))


def made_of() -> Iterator[tuple[int, bool, Scale | None, Hours]]:
    """One thing after the other is another one than at first."""
    usual = eight_on_weekdays(BERLIN)
    for minutes in (0, 1, 9 * 60, 24 * 60, 3 * 24 * 60):
        yield minutes, False, REFERENCE, usual
    yield 0, True, REFERENCE, usual
    for scale in (None, OTHER_SCALE):
        yield 0, False, scale, usual
    for hours in (eight_on_weekdays(TOKYO), SHORT_WEEK):
        yield 0, False, REFERENCE, hours


def test_what_is_kept_looks_as_a_form_that_is_made_now(db: None) -> None:
    for zone, label in ((BERLIN, "Visited us at the fair"), (TOKYO, "Spoke at the fair")):
        SignalType.objects.create(key=label[:5].lower(), label=label, signal_class=SignalClass.INTENT)
        with timezone.override(zone):
            for parts in made_of():
                for name, form in blank_of(*parts).items():
                    fields = f"leads/{name.replace('form', 'fields')}.html"
                    now = get_template(fields).render({"form": form.make()})
                    assert drawn(form, fields) == now, (name, parts)
