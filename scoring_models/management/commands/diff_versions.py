"""`diff_versions`: what changes from one version to another, in words."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leadscoring.errors import DomainError
from scoring_models.diff import diff
from scoring_models.management import arguments
from scoring_models.models import ModelVersion
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, spec_of
from scoring_models.vocabulary import current_vocabulary


class Command(BaseCommand):
    help = "Say what changes from version A to B: each an id, as in /models/ID/, or a YAML file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", metavar="A")
        parser.add_argument("new", metavar="B")
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        found = diff(_spec(options["old"]), _spec(options["new"]), current_vocabulary())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(found.lines()) or "They say the same.")


def _spec(given: str) -> Spec:
    """The version with that id, or else in that file."""
    try:
        if given.isdecimal() and len(given) <= 18 and not Path(given).exists():
            version = ModelVersion.objects.filter(pk=int(given)).first()
            if version is None:
                raise CommandError(f"There is no version {given}.")
            return spec_of(version)
        return parse(Path(given).read_text(encoding="utf-8-sig"))
    except DomainError as refusal:
        raise CommandError(f"{given}: {refusal.sentence}") from refusal
    except UnicodeDecodeError as error:
        raise CommandError(f"{given} is not UTF-8 text.") from error
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}.") from error
