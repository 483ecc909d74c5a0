"""`set_up`: everything between an installed package and a served page. Safe to repeat, quick when done."""

import hashlib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from leadscoring.ops.state import write_private


class Command(BaseCommand):
    """Migrates, collects the static files and makes the company."""

    help = "Migrate, collect static files and set up the company. Does only what is not done yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="migrate even if nothing is unapplied")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"] or self._unapplied():
            self.stdout.write("Migrating the database")
            call_command("migrate", verbosity=0)
        self._collect_static()
        call_command("setup_company", stdout=self.stdout)

    def _unapplied(self) -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    def _collect_static(self) -> None:
        stamp = settings.STATIC_ROOT.with_name(f"{settings.STATIC_ROOT.name}.stamp")
        wanted = digest_of_static_files()
        if stamp.exists() and stamp.read_text() == wanted and settings.STATIC_ROOT.is_dir():
            return
        self.stdout.write("Collecting static files")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        write_private(stamp, wanted)


def digest_of_static_files() -> str:
    """Changes whenever a static file comes, goes or changes."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=[]):
            digest.update(f"{name} {storage.size(name)} {storage.get_modified_time(name)}\n".encode())
    return digest.hexdigest()
