"""`explain`: why a lead has its score, at any moment."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leads.models import Lead
from leads.score_steps import Moment
from leads.scorer import Explanation, Line, Status
from scoring_models.comparison import compare
from scoring_models.explanation import explain_by_turn
from scoring_models.management import arguments, compared


class Command(BaseCommand):
    help = "Explain a lead's score: every rule, what it gave and why. The points add up to the total."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("lead", metavar="LEAD", help=arguments.LEAD_HELP)
        arguments.add_as_of(parser)
        arguments.add_known_at(parser)
        parser.add_argument(
            "--since",
            metavar="T",
            help="say how the score came to be from what it was at this moment, by what was known then",
        )
        arguments.add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        lead = Lead.objects.get(pk=arguments.lead_id(options["lead"]))
        as_of = arguments.as_of(options["as_of"])
        known_at = arguments.moment("--known-at", options["known_at"])
        since = arguments.moment("--since", options["since"])
        if since is not None:
            self._compare(lead, Moment(since, since), Moment(as_of, known_at), as_json=options["json"])
            return
        explanation = explain_by_turn(lead.pk, as_of=as_of, known_at=known_at)
        if explanation is None:
            raise CommandError(arguments.NOTHING_LIVE)
        if options["json"]:
            self.stdout.write(json.dumps(as_data(explanation, lead)))
        else:
            self.stdout.write("\n".join(as_table(explanation, lead)))

    def _compare(self, lead: Lead, before: Moment, after: Moment, *, as_json: bool) -> None:
        comparison = compare(lead.pk, before=before, after=after)
        if comparison is None:
            raise CommandError(arguments.NOTHING_LIVE)
        if as_json:
            self.stdout.write(json.dumps(compared.as_data(comparison, lead)))
        else:
            self.stdout.write("\n".join(compared.as_table(comparison, lead)))


def as_data(explanation: Explanation, lead: Lead) -> dict[str, object]:
    """An explanation as JSON. Moments are ISO 8601 in UTC."""
    return {
        "lead": explanation.lead_id,
        "external_id": lead.external_id,
        "as_of": compared.iso(explanation.as_of),
        "version": explanation.version_id,
        "version_label": explanation.version_label,
        "engagement": explanation.engagement,
        "fit": explanation.fit,
        "total": explanation.total,
        "band": explanation.band.key,
        "due_at": compared.iso(explanation.due_at),
        "lines": [
            {
                "key": line.key,
                "dimension": line.dimension,
                "sentence": line.sentence,
                "status": line.status,
                "points": line.points,
                "would_give": line.would_give,
                "evidence": line.evidence,
                "until": compared.iso(line.until),
            }
            for line in explanation.lines
        ],
    }


def as_table(explanation: Explanation, lead: Lead) -> Iterator[str]:
    """An explanation for a terminal, line by line."""
    yield f"{lead.name}, {_minute(explanation.as_of)}, {explanation.version_label}"
    yield f"{explanation.total} points, {explanation.band.name}"
    width = max((len(line.sentence) for line in explanation.lines), default=0)
    for dimension in ("engagement", "fit", "total"):
        lines = [line for line in explanation.lines if line.dimension == dimension]
        if dimension != "total":
            yield ""
            yield f"{dimension.capitalize()} {getattr(explanation, dimension)}"
        yield from (_row(line, width) for line in lines)
    if explanation.due_at:
        yield ""
        yield f"Next look by itself: {_minute(explanation.due_at)}"


def _row(line: Line, width: int) -> str:
    points = "?" if line.status is Status.UNKNOWN else f"{line.points:+d}" if line.points else "0"
    return f"  {points:>6}  {line.sentence:<{width}}  {line.evidence}".rstrip()


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
