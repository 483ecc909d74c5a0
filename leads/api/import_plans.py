"""What a program says about how a file is to be imported, and the plan that this makes."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads.imports.looking import look
from leads.imports.plan import ENCODINGS, Plan, from_json
from leads.imports.targets import is_known
from leads.ingestion.identity import EMAIL, EXTERNAL_ID
from leads.ingestion.sources.csv_file import DELIMITERS
from leads.models import FileImport, FileKind, SavedMapping
from leadscoring.api.bodies import Body
from leadscoring.api.fields import Id, Text, Whole
from leadscoring.api.problems import Fault, Problem
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User

# Which of its file's kinds alone has a use for a field.
_OF_LEADS = frozenset({"missing", "team", "owner", "outcome_column", "converted", "lost", "disqualified"})
_OF_SIGNALS = frozenset({"lead_key", "type_name", "timezone"})
_READING = ("encoding", "delimiter", "sheet", "header_at")


def _words(about: str) -> Text:
    return Text(required=False, allow_blank=True, max_length=500, help_text=about)


class PlanBody(Body):
    """What isn't said stays as it is."""

    encoding = serializers.ChoiceField(ENCODINGS, required=False, allow_blank=True, help_text="Empty: guess.")
    delimiter = serializers.ChoiceField(
        DELIMITERS, required=False, allow_blank=True, help_text="Between cells. Empty: guess."
    )
    sheet = Text(required=False, allow_blank=True, max_length=200, help_text="Empty: the first with rows.")
    header_line = Whole(
        required=False, allow_null=True, min_value=1, max_value=1_000, help_text="Null: guess."
    )
    saved_mapping = Id(required=False, help_text="Take what this one of `/imports/mappings/` says.")
    columns = serializers.DictField(
        child=Text(allow_blank=True, max_length=200),
        required=False,
        help_text=(
            "By column, what it means; empty: don't import it. Of leads: `external_id`, an attribute's key,"
            " `created_at`, `values_at`, `team`, `owner`, or `new:` and the key of an attribute that is to be"
            " made; several with commas. Of signals: `lead`, `type`, `occurred_at`, `message_id` or"
            " `property.NAME`."
        ),
    )
    missing = _words("Of leads: texts that mean no value, with commas between them.")
    # Not the attribute of fields.
    source = Text(  # type: ignore[assignment]
        required=False, allow_blank=True, max_length=200, help_text="Where they come from."
    )
    team = Id(required=False, allow_null=True, help_text="Of leads. Null: as rows or routing say.")
    owner = Id(required=False, allow_null=True, help_text="Of leads. Null: as rows or routing say.")
    outcome_column = Text(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Of leads: the column that closes them by its values.",
    )
    converted = _words("Values that mean so, with commas between them; * stands for any other.")
    lost = _words("The same.")
    disqualified = _words("The same.")
    lead_key = serializers.ChoiceField(
        (EXTERNAL_ID, EMAIL), required=False, help_text="Of signals: what the `lead` column holds."
    )
    type_name = Text(
        required=False, allow_blank=True, max_length=100, help_text="Of signals whose rows name no type."
    )
    timezone = Text(
        required=False, max_length=60, help_text="Of signals' times without one, such as Europe/Berlin."
    )


def changed(job: FileImport, plan: Plan, given: Mapping[str, Any]) -> Plan:
    """The plan with what is given in its place. Raises Problem, naming each field that can't be used."""
    faults = [*_strange(FileKind(job.kind), given), *_nobody(given)]
    if faults:
        raise _refused(faults)
    said = {name: given[name] for name in given if name not in ("columns", "saved_mapping", "header_line")}
    if "header_line" in given:
        said["header_at"] = given["header_line"]
    plan = replace(_starting(job, plan, given), **said)
    try:
        seen = look(job, plan)
    except DomainError:
        if given.get("columns"):
            raise
        return plan
    targets = _targets(FileKind(job.kind), seen.table.header.names, seen.plan, given)
    known_as = (plan if "saved_mapping" in given else seen.plan).recognised_as
    return replace(seen.plan, targets=targets, recognised_as=known_as)


def _starting(job: FileImport, plan: Plan, given: Mapping[str, Any]) -> Plan:
    if "saved_mapping" not in given:
        return plan
    saved = SavedMapping.objects.filter(pk=given["saved_mapping"], kind=job.kind).first()
    if saved is None:
        said = _("There is no such mapping for what this file holds.")
        raise _refused([Fault("/saved_mapping", said, "not_found")])
    reading = {name: getattr(plan, name) for name in _READING}
    return replace(from_json(saved.plan), **reading, recognised_as=saved.name)


def _targets(
    kind: FileKind, names: Collection[str], plan: Plan, given: Mapping[str, Any]
) -> Mapping[str, str]:
    columns: Mapping[str, str] = given.get("columns", {})
    outcome = given.get("outcome_column", "")
    faults = [
        Fault("/columns", _("The file has no column of one of these names."), "not_found")
        for _column in [name for name in columns if name not in names][:1]
    ]
    faults += [
        Fault(f"/columns/{name}", _("A column can't become this."), "invalid")
        for name, target in columns.items()
        if name in names and not is_known(kind, target)
    ]
    if outcome and outcome not in names:
        faults.append(Fault("/outcome_column", _("The file has no such column."), "not_found"))
    if faults:
        raise _refused(faults)
    return {name: columns.get(name, plan.targets.get(name, "")) for name in names}


def _strange(kind: FileKind, given: Mapping[str, Any]) -> list[Fault]:
    strange = _OF_SIGNALS if kind == FileKind.LEADS else _OF_LEADS
    said = _("A file of this kind has no use for it.")
    return [Fault(f"/{name}", said, "strange") for name in given if name in strange]


def _nobody(given: Mapping[str, Any]) -> list[Fault]:
    """Teams that aren't there, and owners who work in none."""
    found = []
    if (team := given.get("team")) is not None and not Team.objects.filter(pk=team).exists():
        found.append(Fault("/team", _("There is no team of this id."), "not_found"))
    at_work = User.objects.filter(is_active=True, memberships__isnull=False)
    if (owner := given.get("owner")) is not None and not at_work.filter(pk=owner).exists():
        found.append(Fault("/owner", _("Nobody of this id works in a team."), "not_found"))
    return found


def _refused(faults: list[Fault]) -> Problem:
    return Problem(422, "import.refused", faults[0].detail, faults)
