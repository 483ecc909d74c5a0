"""manage.py import_signals FILE --map "Column=lead" …"""

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from leads.ingestion.identity import EXTERNAL_ID, LEAD_KEYS
from leads.ingestion.mapping import parse_mapping
from leads.ingestion.signal_import import SignalImport, SignalImportReport, import_signals
from leads.ingestion.terminal import ImportOutput, actor_of, add_common_arguments, domain_errors, wish_of
from leads.moments import zone
from leadscoring.errors import DomainError


class Command(BaseCommand):
    help = (
        "Import signals from a CSV file or a workbook. Importing the same file again changes nothing."
        " Signals of leads that aren't known yet wait for them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_common_arguments(
            parser,
            map_help=(
                "what a column means: lead, type, occurred_at, message_id or property.NAME;"
                " repeat it, or give several at once"
            ),
            map_form="Column=lead",
        )
        parser.add_argument("--type", metavar="T", help="the signal type of rows that name none")
        parser.add_argument(
            "--lead-key", choices=LEAD_KEYS, default=EXTERNAL_ID, help="what the lead column holds"
        )
        parser.add_argument(
            "--timezone", metavar="TZ", default="UTC", help="the zone of times that name none (else UTC)"
        )
        parser.add_argument(
            "--source",
            metavar="NAME",
            default="import",
            help="within it a message id counts once (else import)",
        )

    @domain_errors
    def handle(self, *args: Any, **options: Any) -> None:
        output = ImportOutput(self.stdout, self.stderr, as_json=options["json"])
        asked = SignalImport(
            path=Path(options["file"]),
            mapping=parse_mapping(options["map"]),
            type_name=options["type"],
            lead_key=options["lead_key"],
            zone=_zone(options["timezone"]),
            source=options["source"],
            wish=wish_of(options),
            refused_path=options["refused_file"],
        )
        report = import_signals(
            asked, actor=actor_of(options["as"]), at=timezone.now(), progress=output.progress
        )
        output.report(asdict(report), _sentences(report))


def _zone(name: str) -> tzinfo:
    try:
        return zone(name)
    except ValueError as error:
        raise DomainError("timezone.unknown", f"{error}.") from None


def _sentences(report: SignalImportReport) -> list[str]:
    said = [
        f"{report.read:,} rows read: {report.created:,} signals created, {report.waiting:,} waiting for their"
        f" lead, {report.duplicates:,} duplicates, {report.refused:,} refused."
    ]
    if report.conflicting:
        said.append(
            f"{report.conflicting:,} duplicates say something else than what came first, which stays."
        )
    if report.type_keys:
        named = ", ".join(f"“{name}” is {key}" for name, key in report.type_keys.items())
        said.append(f"Names of types were brought into form: {named}.")
    if report.new_types:
        said.append(
            f"New signal types: {', '.join(report.new_types)}. They count for no rule until one uses them."
        )
    return said
