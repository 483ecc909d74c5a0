"""Editing a draft: how long the numbers of its page take after a change."""

import time
from copy import copy
from dataclasses import replace
from random import Random
from typing import Any, Self

from django.utils import timezone

from leadscoring.people.models import User
from scoring_models import drafts, live_preview
from scoring_models.health.report import report
from scoring_models.live import general_version
from scoring_models.models import ModelVersion
from scoring_models.spec import HalfLife, RuleSpec, SignalAtLeast
from scoring_models.spec_text import spec_of


class Editing:
    """A draft of the live version, of which nothing is written. All times are in seconds."""

    def __init__(self) -> None:
        now, self.random = timezone.now(), Random(42)
        live = general_version(at=now)
        assert live is not None
        version = ModelVersion.objects.get(pk=live.pk)
        self.draft = drafts.start_from(version=version, actor=User.objects.system(), at=now)
        self.spec = spec_of(self.draft)

    def decaying(self, rules: int) -> Self:
        """The same draft where the units of so many rules halve each month. All leads are counted for it."""
        other = copy(self)
        for place in self._signal_rules()[:rules]:
            other._change(place, decay=HalfLife(30))
        other._count()
        return other

    def conditions(self) -> float:
        """One rule counts over another window: all leads are counted anew, turn by turn."""
        self._change(self.random.choice(self._signal_rules()), window_days=self.random.randint(5, 90))
        return self._count()

    def health(self) -> float:
        """What is found about the health of the draft's rules, for all leads."""
        start = time.perf_counter()
        report(self.spec, at=timezone.now())
        return time.perf_counter() - start

    def _count(self) -> float:
        start = time.perf_counter()
        while live_preview.current(self.draft, self.spec)[1]:
            pass
        return time.perf_counter() - start

    def points(self) -> float:
        """One rule gives other points: what is counted is weighed anew."""
        place = self.random.randrange(len(self.spec.rules))
        self._put(place, replace(self.spec.rules[place], points=self.random.randint(1, 60)))
        start = time.perf_counter()
        live_preview.current(self.draft, self.spec)
        return time.perf_counter() - start

    def _signal_rules(self) -> list[int]:
        return [n for n, rule in enumerate(self.spec.rules) if isinstance(rule.condition, SignalAtLeast)]

    def _change(self, place: int, **change: Any) -> None:
        condition = self.spec.rules[place].condition
        assert isinstance(condition, SignalAtLeast)
        self._put(place, replace(self.spec.rules[place], condition=replace(condition, **change)))

    def _put(self, place: int, rule: RuleSpec) -> None:
        rules = self.spec.rules
        self.spec = replace(self.spec, rules=(*rules[:place], rule, *rules[place + 1 :]))
