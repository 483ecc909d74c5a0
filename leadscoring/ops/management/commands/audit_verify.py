"""`audit_verify`: whether the audit log is as it was written."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from leadscoring.audit import chain
from leadscoring.ops import audit_head


class Command(BaseCommand):
    help = (
        "Check the chain of the audit log, and that it contains the head that is kept outside the database."
        " Names the first row that was changed, removed, inserted or moved, and then ends with 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kept = audit_head.kept(settings.AUDIT_HEAD_FILE)
        except ValueError as error:
            raise CommandError(f"{settings.AUDIT_HEAD_FILE} can't be read: {error}") from error
        broken = chain.first_broken(*[kept] if kept else [])
        head = chain.head()
        if options["json"]:
            first = {"sequence": broken.sequence, "id": broken.entry_id} if broken else None
            told = {"entries": head.count, "hash": head.hash, "kept": kept.count if kept else None}
            self.stdout.write(json.dumps(told | {"first_broken": first}))
        if broken:
            raise CommandError(broken.sentence)
        if not options["json"]:
            outside = f"the kept head at {kept.count:,}" if kept else "no head is kept outside yet"
            self.stdout.write(f"All {head.count:,} entries are as they were written; {outside}.")
