"""`setup_company`: the demo company, or with LEADSCORING_DEMO=0 an empty one. Only the first call does it."""

import os
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from leads.models import Lead
from leadscoring.audit.models import AuditEntry
from scoring_models.demo import empty, load

NO = ("0", "no", "false", "off")


class Command(BaseCommand):
    help = "Set up the company once: the demo company, or an empty one with LEADSCORING_DEMO=0."

    def handle(self, *args: Any, **options: Any) -> None:
        if AuditEntry.objects.filter(action="company.set_up").exists():
            return
        if wants_demo():
            self._demo()
        else:
            self._empty()

    def _demo(self) -> None:
        self.stdout.write("Making the demo company")
        start = time.monotonic()
        load.load(now=timezone.now(), say=lambda text: self.stdout.write(f"  {text}"))
        self.stdout.write(f"The demo company is ready after {time.monotonic() - start:.0f} s.")

    def _empty(self) -> None:
        made = empty.set_up(now=timezone.now())
        self.stdout.write(
            "An empty company is set up; the reference model is live, its lists are yours to fill."
        )
        if made:
            email, password = made
            self.stdout.write(f"Sign in as {email} with {password}\nThis password is not shown again.")


def wants_demo() -> bool:
    """A company with leads of its own never gets made-up ones among them."""
    others = Lead.objects.exclude(external_id__startswith="demo-").exists()
    return os.environ.get("LEADSCORING_DEMO", "1").lower() not in NO and not others
