"""`export_scores`: what any version says of all leads at any moment, as CSV. Nothing is stored."""

import csv
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F
from django.db.models.functions import Collate

from leads.models import Lead
from leads.spreadsheets.cells import inert
from scoring_models import evaluation
from scoring_models.evaluation import Evaluated
from scoring_models.management import arguments
from scoring_models.management.progress import ProgressLine
from scoring_models.models import ModelVersion
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, spec_of, thaw
from scoring_models.turns import Audiences, in_turn

COLUMNS = ("external_id", "engagement", "fit", "total", "band", "due_at")
LEADS_A_CHUNK = 10_000

# A version with the audiences that are asked before its own.
Scored = tuple[Spec, Audiences]


class Command(BaseCommand):
    help = (
        "Write a CSV file with the scores of all leads, evaluated now and not stored. Columns:"
        f" {', '.join(COLUMNS)}. Ordered by external id; leads without one come last, in the order they came."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--version",
            dest="scored_by",
            metavar="ID|FILE.yaml",
            help="a version's number as export_version takes it, or a file (default: the live versions)",
        )
        arguments.add_as_of(parser)
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.csv", help="the file to write")
        arguments.add_json(parser)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Django's own --version gives way to ours: a scoring version is what one asks for here."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = arguments.as_of(options["as_of"])
        with arguments.plain_refusals(options["scored_by"]):
            count = self._write(specs(options["scored_by"]), as_of, options["out"])
        result = {"leads": count, "out": str(options["out"]), "as_of": as_of.isoformat()}
        text = f"{count:,} leads written to {options['out']}."
        self.stdout.write(json.dumps(result) if options["json"] else text)

    def _write(self, scored_by: Sequence[Scored], as_of: datetime, out: Path) -> int:
        """Write the file beside its place first: whoever finds it there finds it whole."""
        line, count = ProgressLine(self.stderr), 0
        unfinished = out.parent / f".{out.name}.unfinished"
        try:
            with unfinished.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(COLUMNS)
                for count, row in enumerate(rows(scored_by, as_of), start=1):
                    writer.writerow(row)
                    if count % LEADS_A_CHUNK == 0:
                        line.show(f"{count:,} leads")
            os.replace(unfinished, out)
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror}.") from error
        finally:
            unfinished.unlink(missing_ok=True)
            line.clear()
        return count


def specs(given: str | None) -> list[Scored]:
    """The spec of --version, or those of the live versions, each in its turn. Raises CommandError."""
    if given is not None:
        return [(version_spec(given), ())]
    live = arguments.live_versions_now()
    return [(turn.spec, turn.earlier) for turn in in_turn(tuple((one.pk, one.digest) for one in live))]


def version_spec(given: str) -> Spec:
    """A file's or a version's spec (drafts too). Raises CommandError."""
    if not given.isdecimal():
        return parse(Path(given).read_text(encoding="utf-8-sig"))
    version = ModelVersion.objects.filter(pk=int(given)).first()
    if version is None:
        raise CommandError(f"There is no version {given}.")
    return thaw(version.frozen) if version.frozen else spec_of(version)


def rows(scored_by: Sequence[Scored], as_of: datetime) -> Iterator[tuple[object, ...]]:
    """A row a scored lead. Leads are read in the order of the file, so that any number of them streams."""
    order = (Collate(F("external_id"), "C").asc(nulls_last=True), "pk")
    leads = Lead.objects.order_by(*order).values_list("pk", "external_id").iterator(LEADS_A_CHUNK)
    for chunk in _chunks(leads):
        ids = [lead_id for lead_id, _ in chunk]
        scores = {
            score.lead_id: (score, spec)
            for spec, earlier in scored_by
            for score in evaluation.evaluate(spec, as_of=as_of, leads=ids, earlier=earlier)
        }
        for lead_id, external_id in chunk:
            if found := scores.get(lead_id):  # a lead may go while we read
                yield _row(external_id, *found)


def _row(external_id: str | None, score: Evaluated, spec: Spec) -> tuple[object, ...]:
    due_at = score.due_at.astimezone(UTC).isoformat() if score.due_at else ""
    band = spec.bands[score.band].key
    return inert(external_id), score.engagement, score.fit, score.total, band, due_at


def _chunks(leads: Iterable[tuple[int, str | None]]) -> Iterator[list[tuple[int, str | None]]]:
    iterator = iter(leads)
    while chunk := list(islice(iterator, LEADS_A_CHUNK)):
        yield chunk
