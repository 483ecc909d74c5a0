"""`invite`: let somebody in, from the command line; an empty installation gets its first Admin this way."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.forms import ValidationError
from django.utils import timezone

from leadscoring.errors import DomainError
from leadscoring.people import invitations, users
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role


class Command(BaseCommand):
    help = "Invite a person and print the one-time link by which they set their password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", action="append", required=True, choices=Role.values, dest="roles")
        parser.add_argument("--team", action="append", default=[], dest="teams", metavar="TEAM")
        parser.add_argument(
            "--address",
            default=f"http://127.0.0.1:{os.environ.get('PORT') or 8000}",
            help="where people reach the app (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            user = users.invite(
                email=options["email"],
                name=options["name"],
                roles=[Role(role) for role in options["roles"]],
                teams=[_team(name) for name in options["teams"]],
                actor=User.objects.system(),
                at=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError(f"{options['email']} is not an e-mail address.") from error
        except DomainError as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(invitations.link(user, address=options["address"]))
        self.stderr.write(f"It works once, for {invitations.valid_for().days} days.")


def _team(name: str) -> Team:
    team = Team.objects.filter(name=name).first()
    if team is None:
        known = ", ".join(Team.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no team {name}. Teams: {known}.")
    return team
