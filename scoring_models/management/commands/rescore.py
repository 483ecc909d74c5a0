"""`rescore`: score leads now with the live versions."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from leadscoring.people.models import User
from scoring_models import rescoring, scoring
from scoring_models.management import arguments
from scoring_models.management.progress import ProgressLine
from scoring_models.models import RescoreRun

WAIT_FOR_OTHERS_SECONDS = 0.2


class Command(BaseCommand):
    """Without ids it works on a run of all leads, together with whatever workers there are."""

    help = (
        "Score leads now. Without --lead it scores all, in pieces: ended at any time, it goes on where"
        " it stopped when it is called again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lead", nargs="+", action="extend", metavar="ID", help=arguments.LEAD_HELP)
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        live = arguments.live_versions_now()
        result: dict[str, object] = {"versions": [version.pk for version in live]}
        if options["lead"]:
            ids = sorted({arguments.lead_id(given) for given in options["lead"]})
            scoring.score_leads(ids)
            result["leads"] = len(ids)
        else:
            result |= self._score_all(live[-1].pk)
        result["seconds"] = round(time.monotonic() - start, 3)
        names = " and ".join(str(version) for version in live)
        text = f"{result['leads']:,} leads scored with {names} in {result['seconds']} s."
        self.stdout.write(json.dumps(result) if options["json"] else text)

    def _score_all(self, version_id: int) -> dict[str, object]:
        run = rescoring.unfinished_run(version_id=version_id)
        resumed = run is not None
        if run is None:
            run = _start_run()
        finished = self._work(run)
        if finished.superseded:
            raise CommandError("Another version went live meanwhile; its own run scores the leads.")
        return {"run": run.pk, "resumed": resumed, "leads": finished.total}

    def _work(self, run: RescoreRun) -> rescoring.Progress:
        line = ProgressLine(self.stderr)
        while not (progress := rescoring.progress(run)).is_finished:
            line.show(f"{progress.done:,} of {progress.total:,} leads")
            if progress.stopped:
                raise CommandError("Somebody stopped it meanwhile. It goes on from the version's page.")
            if not rescoring.work_next_shard(run_id=run.pk):
                time.sleep(WAIT_FOR_OTHERS_SECONDS)  # workers hold what is left
        line.clear()
        return progress


def _start_run() -> RescoreRun:
    with transaction.atomic():
        return rescoring.start_run(
            version=arguments.live_versions_now()[-1], actor=User.objects.system(), at=timezone.now()
        )
