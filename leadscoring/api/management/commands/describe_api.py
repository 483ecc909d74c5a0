"""`describe_api`: the OpenAPI description, as it is kept in docs/openapi.yaml."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from leadscoring.api.schema import common_yaml


class Command(BaseCommand):
    help = "Write the OpenAPI description of the API, to a file or to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE.yaml", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["out"]:
            options["out"].write_text(common_yaml(), encoding="utf-8")
        else:
            self.stdout.write(common_yaml(), ending="")
