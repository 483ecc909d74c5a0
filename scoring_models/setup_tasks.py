"""The first day: what a company has to do before its scores mean something, and how far it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from leads.models import Attribute, Entity, Lead
from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models import drafts
from scoring_models.evaluation import frozen_spec
from scoring_models.live import general_version
from scoring_models.models import ModelVersion, VersionState
from scoring_models.permissions import Step, require
from scoring_models.spec import RuleSpec, Spec
from scoring_models.spec_text import canonical, digest, spec_of

HINTS = 8


@dataclass(frozen=True, slots=True)
class ListTask:
    """A named list to fill. `fields` are the attributes that it is compared with."""

    name: str
    values: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def done(self) -> bool:
        return bool(self.values)


@dataclass(frozen=True, slots=True)
class Setup:
    """How far the first day is. `version` has the lists: the newest that isn't settled, else the live one."""

    version: ModelVersion | None
    live: ModelVersion | None
    lists: tuple[ListTask, ...]
    stamp: str
    teams: tuple[tuple[Team, int], ...]
    people: Mapping[str, int]
    leads: int

    @property
    def can_edit(self) -> bool:
        return self.version is not None and self.version.state != VersionState.IN_REVIEW

    @property
    def open_lists(self) -> int:
        return sum(not task.done for task in self.lists)


def current(*, at: datetime) -> Setup:
    """How far the set-up is at `at`."""
    live = general_version(at=at)
    version = _newest_open(live) or live
    spec = spec_of(version) if version else None
    return Setup(
        version=version,
        live=live,
        lists=_list_tasks(spec) if spec else (),
        stamp=digest(canonical(spec)) if spec else "",
        teams=tuple((team, team.memberships.count()) for team in Team.objects.order_by("name")),
        people={
            str(role.label): User.objects.filter(groups__name=role, is_active=True).count() for role in Role
        },
        leads=Lead.objects.count(),
    )


def empty_lists(digest: str | None) -> int:
    """How many lists of the live version are empty, which waits for marketing; 0 where none is (None)."""
    lists = _list_tasks(frozen_spec(digest)) if digest else ()
    return sum(not task.done for task in lists)


# How many versions wait for an approval by this person, who edited none of them.
TO_REVIEW = f"""
SELECT count(*) FROM scoring_models_modelversion v
 WHERE v.state = '{VersionState.IN_REVIEW}' AND NOT EXISTS (
       SELECT FROM scoring_models_versioneditor e WHERE e.version_id = v.id AND e.user_id = %(person)s)"""


def save_lists(*, lists: Mapping[str, Sequence[str]], stamp: str, actor: User, at: datetime) -> ModelVersion:
    """Write the lists into the current draft; where there is none, into a new one of the live version.

    Raises DomainError: `no_version`, `in_review`, and `changed_since` where `stamp` is of an earlier state.
    """
    require(actor, Step.DRAFT)
    with acting(actor):
        setup = current(at=at)
        if setup.version is None:
            raise DomainError("no_version", _("There is no model yet. Load a version first."))
        if not setup.can_edit:
            raise DomainError("in_review", _("%(version)s waits for approval.") % {"version": setup.version})
        if setup.stamp != stamp:
            raise DomainError(
                "changed_since", _("Somebody changed these lists meanwhile. Look again, then save.")
            )
        draft = setup.version
        if draft.state != VersionState.DRAFT:
            draft = drafts.start_from(version=draft, actor=actor, at=at)
        changed = _write(draft, lists)
        spec_of(draft)  # refuses what can't be compared, such as a title without a word
        if changed:
            record(action="version.edited", target=draft, actor=actor, at=at, lists=changed)
    return draft


def frequent_values(fields: Sequence[str]) -> list[tuple[str, int]]:
    """The most frequent values of the first of these attributes, as they were given, with their counts.

    What occurs once is no hint.
    """
    if not fields or not (attribute := Attribute.objects.filter(key=fields[0], derived=False).first()):
        return []
    table = "leads_account" if attribute.entity == Entity.ACCOUNT else "leads_lead"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT attributes ->> %s AS value, count(*) FROM {table} WHERE attributes ->> %s <> ''"
            " GROUP BY value HAVING count(*) > 1 ORDER BY count(*) DESC, value LIMIT %s",
            [attribute.key, attribute.key, HINTS],
        )
        return list(cursor.fetchall())


def _newest_open(live: ModelVersion | None) -> ModelVersion | None:
    """The newest version of the live one's model that is newer and not settled yet."""
    if live is None:
        return ModelVersion.objects.select_related("model").order_by("-pk").first()
    later = live.model.versions.filter(
        state__in=(VersionState.DRAFT, VersionState.IN_REVIEW), number__gt=live.number
    )
    return later.select_related("model").order_by("-number").first()


def _list_tasks(spec: Spec) -> tuple[ListTask, ...]:
    uses = [use for rule in spec.enabled_rules for use in _lists_used(rule)]
    return tuple(
        ListTask(name, values, tuple(dict.fromkeys(field for used, field in uses if used == name and field)))
        for name, values in spec.lists
        if name in {used for used, _field in uses}
    )


def _lists_used(rule: RuleSpec) -> Iterator[tuple[str, str]]:
    """The lists of a rule, each with the attribute that it is for; empty for a signal's property."""
    for condition in rule.attribute_conditions:
        if condition.list_name is not None:
            yield condition.list_name, condition.field
    for where in getattr(rule.condition, "where", ()):
        if where.list_name is not None:
            yield where.list_name, ""


def _write(draft: ModelVersion, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """Update the lists that differ; their names."""
    changed = []
    for row in draft.lists.select_for_update().filter(name__in=lists):
        if list(lists[row.name]) != row.values:
            row.values = list(lists[row.name])
            row.save(update_fields=["values"])
            changed.append(row.name)
    return sorted(changed)
