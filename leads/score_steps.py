"""How a lead's score came from what it was at one moment to what it was at another: in steps that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from leads.models import Override


@dataclass(frozen=True, slots=True)
class Moment:
    """As of when, by what was known when (None: all that is known now)."""

    as_of: datetime
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A moment as of which a version scored a lead, by what was known then."""

    version_id: int
    at: datetime


class StepKind(TextChoices):
    """What is replaced, in this order."""

    VERSION = "version", _("Another version")
    ACCOUNT = "account", _("Merges and company")
    ATTRIBUTES = "attributes", _("Attributes")
    SIGNALS = "signals", _("Signals learned or taken back")
    TIME = "time", _("Time")
    OVERRIDE = "override", _("Override")


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the score that gave `before` points and gives `after`: of a rule, a limit or an override."""

    key: str
    sentence: str
    before: int
    after: int

    @property
    def points(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Step:
    """What replacing one thing changed: the changes of its lines add up to `points`."""

    kind: StepKind
    changes: Sequence[Change]

    @property
    def points(self) -> int:
        return sum(change.points for change in self.changes)


@dataclass(frozen=True, slots=True)
class Standing:
    """A lead's score at a moment: what the model says (`total`), and what counts with an override.

    `band` is the name of the effective one; `clip` what the version's limits gave the override or took.
    """

    moment: Moment
    version_id: int
    version_label: str
    total: int
    effective: int
    band: str
    clip: int
    override: Override | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The steps add up to the difference of the effective scores. Those that changed nothing are left out."""

    before: Standing
    after: Standing
    steps: Sequence[Step]

    @property
    def standings(self) -> Sequence[Standing]:
        return (self.before, self.after)

    @property
    def points(self) -> int:
        return self.after.effective - self.before.effective
