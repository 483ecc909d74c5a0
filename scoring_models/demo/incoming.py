"""What came in by file and from other programs: an import with refused rows and its mapping, a write key, a
webhook, and messages that could not be used, each for another reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from leads.imports import jobs
from leads.imports import work as import_work
from leads.intake import hooks, segment
from leads.intake import work as intake_work
from leads.intake.inbox import Incoming, as_text, keep
from leads.models import FileImport, FileKind, InboundHook, SignalType
from leadscoring.api import keys
from leadscoring.api.scopes import Scope
from leadscoring.audit.record import record
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models.demo import cast
from scoring_models.demo.generate import DemoLead

VISITORS = 12  # of the stand
FILE = "planning-fair-visitors.csv"
MAPPING = "Planning fair"
HOOK = "webinars"


def come_in(leads: Sequence[DemoLead], people: Mapping[str, User], *, now: datetime) -> None:
    """Do it once; a set-up that is resumed finds it done."""
    if FileImport.objects.exists():
        return
    marketing, admin = (people[cast.members(role)[0].name] for role in (Role.MARKETING, Role.ADMIN))
    _file(leads, actor=marketing, at=now - timedelta(days=4))
    _website(acts_as=marketing, actor=admin, at=now - timedelta(days=30))
    _webhook(at=now - timedelta(days=20))
    _unusable(leads[0].external_id, now=now)


def _file(leads: Sequence[DemoLead], *, actor: User, at: datetime) -> None:
    of_old = ((one.external_id, one.values()) for one in leads if one.created_at < at - timedelta(days=7))
    # Of some leads no address is known.
    known = list(islice(((key, values["email"]) for key, values in of_old if "email" in values), VISITORS))
    good = [f"{key};{email};+44 20 7946 0{place};yes" for place, (key, email) in enumerate(known, start=100)]
    bad = [
        f"{known[0][0]};not on the badge;+44 20 7946 0200;no",
        "fair-77;kim@brandmark.example;+44 20 7946 0201;no;call back",
    ]
    text = "\n".join(["Lead id;E-mail;Phone;Spoke with us", *good[:5], bad[0], *good[5:], bad[1], ""])
    job = jobs.upload(kind=FileKind.LEADS, name=FILE, content=[text.encode()], actor=actor, at=at)
    plan = jobs.plan_of(job)
    plan = replace(plan, targets={**plan.targets, "Spoke with us": "new:spoke_at_fair"})
    jobs.begin(job_id=job.pk, plan=plan, save_as=MAPPING, actor=actor, at=at + timedelta(minutes=2))
    import_work.work(job_id=job.pk, seconds=60)
    FileImport.objects.filter(pk=job.pk).update(finished_at=at + timedelta(minutes=2, seconds=3))


def _website(*, acts_as: User, actor: User, at: datetime) -> None:
    """Its text is shown to nobody: who wants to send makes a key of their own."""
    keys.create(
        name="Website (larkfield.example)",
        user=acts_as,
        scopes={Scope.TRACK},
        expires_at=at + timedelta(days=365),
        actor=actor,
        at=at,
    )


def _webhook(*, at: datetime) -> None:
    """Without a secret in the environment it takes nothing yet."""
    hook = InboundHook.objects.create(
        name=HOOK,
        kind=InboundHook.Kind.STANDARD,
        id_path="id",
        at_path="joined_at",
        email_path="attendee.email",
        signal_type=SignalType.objects.get(key="webinar_attended"),
        properties=["topic"],
        values=["first_name: attendee.first_name"],
    )
    record(action="inboundhook.added", target=hook, actor=User.objects.system(), at=at)


def _unusable(known: str, *, now: datetime) -> None:
    events: Sequence[dict[str, Any]] = (
        {"type": "track", "event": "Plan Chosen", "userId": known},
        {"type": "track", "event": "Seat Count Changed", "userId": known},
        {"type": "page", "userId": known, "timestamp": (now + timedelta(days=3)).isoformat()},
        {"type": "identify", "traits": {"email": "someone"}},
    )
    told = ({"attendee": {"first_name": "Kim"}, "joined_at": (now - timedelta(hours=5)).isoformat()},)
    _receive(list(events), form=segment.FORM, source="segment:website", at=now - timedelta(hours=6))
    called = [{"hook": HOOK, "said": one} for one in told]
    _receive(called, form=hooks.FORM, source=f"hook:{HOOK}", at=now - timedelta(hours=5))
    while intake_work.work():
        pass


def _receive(said: Sequence[dict[str, Any]], *, form: str, source: str, at: datetime) -> None:
    messages = [Incoming(f"demo-{place}", as_text(one)) for place, one in enumerate(said)]
    keep(messages, form=form, source=source, at=at)
