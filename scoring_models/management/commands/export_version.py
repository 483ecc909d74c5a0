"""`export_version`: a version as readable YAML, which load_version reads back."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring_models.management import arguments
from scoring_models.models import ModelVersion
from scoring_models.spec_text import spec_of, to_yaml


class Command(BaseCommand):
    help = "Write a version as YAML, to a file or to standard output. Drafts are written as they are now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version_id", type=int, metavar="ID", help="the version's id, as in /models/ID/")
        parser.add_argument("--out", type=Path, metavar="FILE.yaml", help="default: standard output")
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        version = ModelVersion.objects.select_related("model").filter(pk=options["version_id"]).first()
        if version is None:
            raise CommandError(f"There is no version {options['version_id']}.")
        with arguments.plain_refusals():
            text = to_yaml(spec_of(version))
            if options["out"]:
                options["out"].write_text(text, encoding="utf-8")
        self._tell(version, text, out=options["out"], as_json=options["json"])

    def _tell(self, version: ModelVersion, text: str, *, out: Path | None, as_json: bool) -> None:
        if as_json:
            result = {"version": version.pk, "number": version.number, "digest": version.digest}
            result |= {"out": str(out)} if out else {"yaml": text}
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        elif out:
            self.stdout.write(f"{version} written to {out}.")
        else:
            self.stdout.write(text, ending="")
