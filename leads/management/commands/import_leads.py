"""manage.py import_leads FILE --map "Column=attribute" …"""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from leads.ingestion.lead_import import LeadImport, LeadImportReport, import_leads
from leads.ingestion.mapping import parse_mapping, parse_outcome
from leads.ingestion.terminal import ImportOutput, actor_of, add_common_arguments, domain_errors, wish_of
from leads.routing import find_owner, find_team


class Command(BaseCommand):
    help = "Import leads from a CSV file or a workbook. Importing the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_common_arguments(
            parser,
            map_help=(
                "what a column means: an attribute's key, or external_id, created_at, team or owner;"
                " repeat it, or give several at once"
            ),
            map_form="Column=attribute",
        )
        parser.add_argument(
            "--create-attributes",
            action="store_true",
            help="make attributes that aren't there, of fitting kinds",
        )
        parser.add_argument(
            "--outcome",
            metavar="Column=value:kind,…",
            help=(
                "close leads as converted, lost, disqualified or wrong_person; the value * is any that isn't"
                " empty"
            ),
        )
        parser.add_argument(
            "--missing",
            action="append",
            default=[],
            metavar="TEXT",
            help="a text that means no value; repeatable",
        )
        parser.add_argument("--source", metavar="NAME", help="the source of new leads whose row names none")
        parser.add_argument("--team", metavar="T", help="the team that gets the leads")
        parser.add_argument("--owner", metavar="U", help="the e-mail address or name of who gets the leads")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; change no data")

    @domain_errors
    def handle(self, *args: Any, **options: Any) -> None:
        output = ImportOutput(self.stdout, self.stderr, as_json=options["json"])
        asked = LeadImport(
            path=Path(options["file"]),
            mapping=parse_mapping(options["map"]),
            create_attributes=options["create_attributes"],
            outcome=parse_outcome(options["outcome"]) if options["outcome"] else None,
            missing=options["missing"],
            source=options["source"],
            team=find_team(options["team"]) if options["team"] else None,
            owner=find_owner(options["owner"]) if options["owner"] else None,
            wish=wish_of(options),
            refused_path=options["refused_file"],
            dry_run=options["dry_run"],
        )
        report = import_leads(
            asked, actor=actor_of(options["as"]), at=timezone.now(), progress=output.progress
        )
        output.report(asdict(report), _sentences(report))


def _sentences(report: LeadImportReport) -> list[str]:
    said = [
        f"{report.read:,} rows read: {report.created:,} leads created, {report.updated:,} updated,"
        f" {report.unchanged:,} unchanged, {report.refused:,} refused."
    ]
    if report.attached_signals:
        said.append(f"{report.attached_signals:,} signals had been waiting for these leads.")
    if report.created_attributes:
        made = ", ".join(f"{key} ({kind})" for key, kind in report.created_attributes.items())
        said.append(f"New attributes: {made}.")
    if report.created_team:
        said.append(f"There was no team: “{report.created_team}” was made and gets the leads.")
    if report.company_conflicts:
        said.append(
            f"{report.company_conflicts:,} values of companies differ from an earlier row's, which stay."
        )
    return said
