"""What a column of an uploaded file can mean, in words for people."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from leads.attributes import definitions
from leads.imports.plan import NEW
from leads.ingestion.columns import CREATED_AT, EXTERNAL_ID, OF_THE_LEAD, OWNER, TEAM, VALUES_AT
from leads.ingestion.signal_columns import LEAD, MESSAGE_ID, OCCURRED_AT, PROPERTY, TARGETS, TYPE
from leads.models import Entity, FileKind

Choices = list[tuple[str, Any]]
_NEW_KEY = re.compile(r"new:[a-z][a-z0-9_]{0,59}")


def choices(kind: FileKind) -> Choices:
    """All of them that do for any column, in groups."""
    if kind == FileKind.SIGNALS:
        return [
            ("", _("Don't import")),
            (LEAD, _("Whose signal it is")),
            (TYPE, _("What happened")),
            (OCCURRED_AT, _("When it happened")),
            (MESSAGE_ID, _("The event's own id")),
        ]
    by_entity: dict[str, Choices] = {Entity.LEAD: [], Entity.ACCOUNT: []}
    for attribute in sorted(definitions().values(), key=lambda one: one.label.casefold()):
        by_entity[attribute.entity].append((attribute.key, attribute.label))
    known_by = [
        (EXTERNAL_ID, _("External id")),
        (f"{EXTERNAL_ID},linkedin_url", _("External id, and LinkedIn URL")),
    ]
    about = [
        (CREATED_AT, _("When the lead came")),
        (VALUES_AT, _("Since when its values hold")),
        (TEAM, _("Team")),
        (OWNER, _("Owner")),
    ]
    return [
        ("", _("Don't import")),
        (_("What it is known by"), known_by),
        (_("The person"), by_entity[Entity.LEAD]),
        (_("The company"), by_entity[Entity.ACCOUNT]),
        (_("The lead"), about),
    ]


def name_of(kind: FileKind, target: str) -> str:
    """What people call it; a new attribute and a property by their keys."""
    return dict(_flat(choices(kind))).get(target, target.removeprefix(NEW).removeprefix(PROPERTY))


def is_known(kind: FileKind, target: str) -> bool:
    """Whether a column can be mapped to it; with commas between them, to several of a lead at once."""
    if not target:
        return True
    if kind == FileKind.SIGNALS:
        return target in TARGETS or (target.startswith(PROPERTY) and len(target) > len(PROPERTY))
    known = definitions()
    return all(
        part in known or part in OF_THE_LEAD or _NEW_KEY.fullmatch(part) is not None
        for part in target.split(",")
    )


def _flat(groups: Choices) -> Iterator[tuple[str, str]]:
    for key, inside in groups:
        yield from inside if isinstance(inside, list) else [(key, inside)]
