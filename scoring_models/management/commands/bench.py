"""`bench`: how fast scoring is here, beside the least that it could take."""

import json
import os
import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leads.models import Lead
from leadscoring import hints
from scoring_models.bench import dataset, importing, intake, workspace
from scoring_models.bench.database import bench_database, kept_database, server_facts
from scoring_models.bench.measures import Bench
from scoring_models.bench.run import figures, machine, run
from scoring_models.bench.sessions import sessions

FEWEST_ROUNDS = 5


class Command(BaseCommand):
    help = (
        "Measure scoring on a data set of its own, in a database of its own on the embedded server, and print"
        " the figures as one line of JSON. Progress goes to standard error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--leads", type=int, default=100_000, help="default: 100000")
        parser.add_argument("--signals", type=int, help="default: ten a lead")
        parser.add_argument(
            "--rounds", type=int, default=FEWEST_ROUNDS, help=f"at least (and by default) {FEWEST_ROUNDS}"
        )
        parser.add_argument(
            "--workspace",
            action="store_true",
            help="only pages of the queue, next lead and keys in a browser, on the database that was kept",
        )
        parser.add_argument(
            "--intake",
            action="store_true",
            help="only how fast events come in and count",
        )
        parser.add_argument(
            "--rate", type=float, default=intake.EVENTS_A_SECOND, help="of --intake: batched events a second"
        )
        parser.add_argument(
            "--import", action="store_true", help="only imports of a file: CSV and workbook, new and again"
        )
        parser.add_argument("--rows", type=int, default=importing.ROWS, help="of that file")
        parser.add_argument("--keep", action="store_true", help="leave the database leadscoring_bench there")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["workspace"]:
            self._workspace()
            return
        if options["import"]:
            self._import(options["rows"])
            return
        leads, rounds = options["leads"], options["rounds"]
        signals = options["signals"] or leads * 10
        if os.environ.get("DATABASE_URL"):
            raise CommandError("This measures the embedded server. Unset DATABASE_URL.")
        if leads < 1_000 or rounds < FEWEST_ROUNDS:
            raise CommandError(f"Take at least 1,000 leads and {FEWEST_ROUNDS} rounds.")
        found: dict[str, object] = {"leads": leads, "signals": signals, **machine()}
        start = time.monotonic()
        with bench_database(keep=options["keep"]) as owner, hints.nobody():
            found |= server_facts(owner)
            self._say(f"creating {leads:,} leads and {signals:,} signals")
            rep = dataset.create(owner, leads=leads, signals=signals, now=timezone.now())
            self._say(f"created in {time.monotonic() - start:.0f} s")
            if options["intake"]:
                found |= intake.measure(owner, leads=leads, rate=options["rate"], say=self._say)
            else:
                with sessions() as both:
                    found |= figures(run(Bench(owner, both, leads, rep), rounds, self._say))
        self.stdout.write(json.dumps(found))

    def _workspace(self) -> None:
        with kept_database() as found, hints.nobody():
            if not found:
                raise CommandError("There is no database yet: measure once with --keep.")
            leads = Lead.objects.count()
            self._say(f"the workspace with {leads:,} leads")
            self.stdout.write(json.dumps({"leads": leads, **machine(), **workspace.measure()}))

    def _import(self, rows: int) -> None:
        with hints.nobody():
            found = importing.measure(rows=rows, database=partial(bench_database, keep=False), say=self._say)
        self.stdout.write(json.dumps({**machine(), **found}))

    def _say(self, text: str) -> None:
        self.stderr.write(f"bench: {text}")
