"""What each value of a person or a company was since when, when we learned of it, and from where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leads.models import Account, Activity, DatedValue, Lead


@dataclass(frozen=True, slots=True)
class Origin:
    """Since when a value holds (None: since the lead came), when we learned of it, and from where."""

    since: datetime | None
    recorded_at: datetime
    source: str

    @property
    def shown_at(self) -> datetime:
        """Since when it holds or, where it always did, when we learned of it."""
        return self.since or self.recorded_at


@dataclass(frozen=True, slots=True)
class Step:
    """One value that an attribute had; `given` is None where it was taken away."""

    given: str | None
    origin: Origin
    taken_back: bool


def origins_of(subject: Lead | Account, *, now: datetime) -> Mapping[str, Origin]:
    """Where each value of now is from, by attribute; of those that never changed there is none (`first`)."""
    held = _values_of(subject).filter(since__lte=now, retracted_at=None)
    rows = held.order_by("since", "pk").select_related("told_as")
    latest = {row.key: row for row in rows}
    people = _people(latest.values())
    return {key: _origin(row, people, subject) for key, row in latest.items()}


def first(subject: Lead | Account) -> Origin:
    """Where what came with a lead or an account is from."""
    return Origin(None, subject.recorded_at, subject.told_by or _("as it came"))


def history_of(subject: Lead | Account, key: str) -> Sequence[Step]:
    """All values that an attribute of a person or a company had or will have, the latest first."""
    rows = list(_values_of(subject).filter(key=key).select_related("told_as"))
    rows.sort(key=lambda row: (row.since is not None, row.since or row.recorded_at, row.pk), reverse=True)
    people = _people(rows)
    return [
        Step(
            row.given if row.value is not None else None,
            _origin(row, people, subject),
            row.retracted_at is not None,
        )
        for row in rows
    ]


def _values_of(subject: Lead | Account) -> QuerySet[DatedValue]:
    owner = {"lead": subject} if isinstance(subject, Lead) else {"account": subject}
    return DatedValue.objects.filter(**owner)


def _people(rows: Iterable[DatedValue]) -> Mapping[int, str]:
    """Who set a value by hand, by its id."""
    deeds = Activity.objects.filter(dated_value__in=[row.pk for row in rows]).select_related("actor")
    return {deed.dated_value_id: str(deed.actor) for deed in deeds if deed.dated_value_id is not None}


def _origin(row: DatedValue, people: Mapping[int, str], subject: Lead | Account) -> Origin:
    if row.since is None:
        return first(subject)
    if row.pk in people:
        source = people[row.pk]
    elif row.told_as is not None:
        source = _("merged from %(lead)s") % {"lead": row.told_as}
    else:
        source = row.told_by or _("import")
    return Origin(row.since, row.recorded_at, source)
