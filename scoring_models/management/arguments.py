"""Arguments that several commands take, and how they are read. Refusals are CommandErrors in plain words."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.core.management.base import CommandError
from django.utils import timezone

from leads.models import Lead
from leads.moments import parse_moment
from leadscoring.errors import DomainError
from scoring_models.live import live_versions
from scoring_models.models import ModelVersion

NOTHING_LIVE = "No model is live, so nothing can be scored. Activate a version first."
LEAD_HELP = "external id of a lead, or its number as in /leads/NUMBER/"


def add_as_of(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as-of",
        metavar="T",
        help="the moment, such as 2026-03-15 or 2026-03-15T14:30 in UTC (default: now)",
    )


def add_known_at(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--known-at", metavar="T", help="leave out what came after this moment (default: nothing)"
    )


def add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")


@contextmanager
def plain_refusals(text_file: Path | str | None = None) -> Iterator[None]:
    """Let a command end with the sentence of what stops it: a refusal, a file, or what it reads there."""
    try:
        yield
    except DomainError as refusal:
        raise CommandError(refusal.sentence) from refusal
    except UnicodeDecodeError as error:
        raise CommandError(f"{text_file} is not UTF-8 text.") from error
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}.") from error


def as_of(given: str | None) -> datetime:
    """The moment of --as-of; now where none is given."""
    return moment("--as-of", given) or timezone.now()


def moment(option: str, given: str | None) -> datetime | None:
    """The moment that an option names, if it is given."""
    try:
        return None if given is None else parse_moment(given)
    except ValueError as error:
        raise CommandError(f"{option} {given} {error}.") from error


def lead_id(given: str) -> int:
    """The id of the lead that has this external id, or else this number."""
    found = Lead.objects.filter(external_id=given).values_list("pk", flat=True).first()
    if found is None and given.isdecimal() and len(given) <= 18:
        found = Lead.objects.filter(pk=int(given)).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no lead {given}: it is neither an external id nor a lead's number.")
    return found


def live_versions_now() -> list[ModelVersion]:
    """The live versions, in the order in which their models are asked. Refuses where there is none."""
    versions = live_versions(at=timezone.now())
    if not versions:
        raise CommandError(NOTHING_LIVE)
    return versions
