"""`load_version`: a version from a YAML file, as a draft; the very first of a model may go live at once."""

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from leads.ingestion.terminal import actor_of
from leadscoring.people.models import User
from scoring_models import drafts, versions
from scoring_models.management import arguments
from scoring_models.models import ModelVersion
from scoring_models.spec import Spec
from scoring_models.spec_text import parse


class Command(BaseCommand):
    help = (
        "Make a draft from a YAML file. A model that is new goes first in the order of models. With --first"
        " the first version of a model that was never live goes live at once, without approval; that is"
        " recorded as the set-up exception."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.yaml", help="as export_version writes it")
        parser.add_argument("--first", action="store_true", help="put it live: only for a model never live")
        parser.add_argument("--as", metavar="EMAIL", help="the user who makes it (default: the system)")
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with arguments.plain_refusals(options["file"]):
            actor = actor_of(options["as"])
            spec = parse(options["file"].read_text(encoding="utf-8-sig"))
            version = load(spec, actor=actor, at=timezone.now(), first=options["first"])
        self._tell(version, live=options["first"], as_json=options["json"])

    def _tell(self, version: ModelVersion, *, live: bool, as_json: bool) -> None:
        result = {
            "version": version.pk,
            "model": version.model.name,
            "number": version.number,
            "state": version.state,
            "live": live,
            "digest": version.digest,
        }
        told = f"{version} (id {version.pk}) is {'live' if live else 'a draft'}."
        self.stdout.write(json.dumps(result, ensure_ascii=False) if as_json else told)


def load(spec: Spec, *, actor: User, at: datetime, first: bool) -> ModelVersion:
    """The draft, or with `first` the version that is live now. Raises DomainError."""
    if first:
        return versions.set_up(spec=spec, actor=actor, at=at).version
    return drafts.create(spec=spec, actor=actor, at=at)
