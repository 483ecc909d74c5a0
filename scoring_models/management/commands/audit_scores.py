"""`audit_scores`: compute stored scores again, at their own moments, and name those that differ."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring_models.management import arguments
from scoring_models.score_audit import differences


class Command(BaseCommand):
    help = (
        "Compute a sample of the stored scores, and of those that were shown in the past, again, each as of"
        " its own moment. Fails where one differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sample",
            type=int,
            default=1_000,
            help="how many scores of now, and how many of the past (default: 1000)",
        )
        parser.add_argument("--since", metavar="T", help="only scores computed since this moment")

    def handle(self, *args: Any, **options: Any) -> None:
        since = arguments.moment("--since", options["since"])
        found = list(differences(sample=options["sample"], since=since))
        for one in found:
            self.stdout.write(
                f"Lead {one.lead_id}, scored {one.scored_at.isoformat()}:"
                f" {one.stored} is stored, {one.computed} is right."
            )
        if found:
            raise CommandError(f"{len(found)} of the scores looked at are not what their version says.")
        self.stdout.write("Every score that was looked at is what its version says.")
