"""Bringing a draft's changes onto the version that went live since it was cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import drafts
from scoring_models.activation import note, was_live
from scoring_models.live import live_version
from scoring_models.locks import locked_with_model
from scoring_models.merge import Merge, Piece, Side, merge
from scoring_models.models import ModelVersion, VersionState
from scoring_models.permissions import Step, require
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, spec_of, thaw, to_yaml


@dataclass(frozen=True, slots=True)
class Rebase:
    """What a draft brought onto the live version would say. `spec` is whole, as a version's text would be."""

    version: ModelVersion
    live: ModelVersion
    mine: Spec
    theirs: Spec
    merge: Merge
    spec: Spec


def is_stale(version: ModelVersion, *, at: datetime) -> bool:
    """Whether another version went live since the draft was cut, so that it can't go live as it is."""
    if version.state == VersionState.REJECTED or was_live(version, at=at):
        return False
    live = live_version(version.model, at=at)
    return live is not None and live.pk != version.based_on_id


def preview(*, version: ModelVersion, choices: Mapping[Piece, Side], at: datetime) -> Rebase:
    """What would come of it; nothing is written.

    Raises DomainError("not_stale") where there is nothing to bring over, and InvalidVersion where the two
    don't fit together.
    """
    live = live_version(version.model, at=at)
    if live is None or not is_stale(version, at=at):
        raise DomainError("not_stale", _("Nothing went live since this version was cut."))
    mine, theirs = spec_of(version), thaw(live.frozen)
    base = thaw(version.based_on.frozen) if version.based_on else None
    merged = merge(base, mine, theirs, choices)
    return Rebase(version, live, mine, theirs, merged, parse(to_yaml(merged.spec)))


def rebase(
    *, version: ModelVersion, onto: int, choices: Mapping[Piece, Side], actor: User, at: datetime
) -> ModelVersion:
    """A new draft: the live version, whose id is `onto`, with the changes of this one.

    Raises DomainError: `changed_since` where another version is live by now, `undecided` where a conflict has
    no choice, and as `preview` does.
    """
    require(actor, Step.DRAFT)
    with acting(actor):
        found = preview(version=locked_with_model(version), choices=choices, at=at)
        if found.live.pk != onto:
            raise DomainError("changed_since", _("Another version went live meanwhile. Look again."))
        if found.merge.open:
            raise DomainError("undecided", _("Both versions changed the same. Choose one side for each."))
        draft = drafts.create(spec=found.spec, actor=actor, at=at, note=_note(found))
        note("version.rebased", draft, actor=actor, at=at, source=version.pk, onto=onto)
    return draft


def _note(found: Rebase) -> str:
    said = _("The changes of version %(source)d, brought onto version %(live)d.") % {
        "source": found.version.number,
        "live": found.live.number,
    }
    return f"{found.version.note} {said}".strip()
