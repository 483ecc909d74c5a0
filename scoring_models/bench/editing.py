"""Editing a draft: how long the numbers of its page take after a change."""

import time
from dataclasses import replace
from random import Random

from django.utils import timezone

from leadscoring.people.models import User
from scoring_models import drafts, live_preview
from scoring_models.live import scoring_version
from scoring_models.models import ModelVersion
from scoring_models.spec import RuleSpec, SignalAtLeast
from scoring_models.spec_text import spec_of


class Editing:
    """A draft of the live version, of which nothing is written. All times are in seconds."""

    def __init__(self) -> None:
        now, self.random = timezone.now(), Random(42)
        live = scoring_version(at=now)
        assert live is not None
        version = ModelVersion.objects.get(pk=live.pk)
        self.draft = drafts.start_from(version=version, actor=User.objects.system(), at=now)
        self.spec = spec_of(self.draft)

    def conditions(self) -> float:
        """One rule counts over another window: all leads are counted anew, turn by turn."""
        places = [n for n, rule in enumerate(self.spec.rules) if isinstance(rule.condition, SignalAtLeast)]
        self._change(self.random.choice(places))
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

    def _change(self, place: int) -> None:
        condition = self.spec.rules[place].condition
        assert isinstance(condition, SignalAtLeast)
        longer = replace(condition, window_days=self.random.randint(5, 90))
        self._put(place, replace(self.spec.rules[place], condition=longer))

    def _put(self, place: int, rule: RuleSpec) -> None:
        rules = self.spec.rules
        self.spec = replace(self.spec, rules=(*rules[:place], rule, *rules[place + 1 :]))
