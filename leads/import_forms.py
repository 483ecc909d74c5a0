"""The forms of imports: which file, and how it is to be imported."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.imports.guessing import key_for
from leads.imports.looking import Look
from leads.imports.plan import ENCODINGS, NEW, Plan
from leads.imports.targets import Choices, choices
from leads.ingestion.columns import EXTERNAL_ID
from leads.ingestion.identity import EMAIL
from leads.ingestion.signal_columns import PROPERTY
from leads.models import FileKind
from leadscoring.people.models import Team, User

PLACE = "column-"
READING = ("encoding", "delimiter", "sheet", "header_at")
OUTCOME = ("outcome_column", "converted", "lost", "disqualified")


class UploadForm(forms.Form):
    """Which file, and what it holds."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What it holds"),
        choices=FileKind,
        initial=FileKind.LEADS,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("CSV or Excel (.xlsx)"))

    def chosen(self) -> UploadedFile[Any]:
        """The file of a valid form."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        return file


class PlanForm(forms.Form):
    """How a file is to be imported. Without a `look` the file could not be read yet: only that is asked."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=gettext_lazy("Between cells"), required=False)
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    header_at = forms.IntegerField(
        label=gettext_lazy("Line of the header"),
        required=False,
        min_value=1,
        max_value=1_000,
        help_text=gettext_lazy("Empty: as guessed"),
    )
    missing = forms.CharField(
        label=gettext_lazy("Words for “no value”"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("With commas between them, for example: n/a, none"),
    )
    source = forms.CharField(label=gettext_lazy("Source"), required=False, max_length=200)
    team = forms.ModelChoiceField(label=gettext_lazy("Team"), queryset=Team.objects.none(), required=False)
    owner = forms.ModelChoiceField(label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False)
    outcome_column = forms.ChoiceField(label=gettext_lazy("Column"), required=False)
    converted = forms.CharField(label=gettext_lazy("Converted"), required=False, max_length=500)
    lost = forms.CharField(label=gettext_lazy("Lost"), required=False, max_length=500)
    disqualified = forms.CharField(label=gettext_lazy("Disqualified"), required=False, max_length=500)
    lead_key = forms.ChoiceField(label=gettext_lazy("The lead column holds"), required=False)
    type_name = forms.CharField(
        label=gettext_lazy("Type of rows that name none"), required=False, max_length=100
    )
    timezone = forms.CharField(
        label=gettext_lazy("Time zone of times without one"), required=False, max_length=60
    )
    save_as = forms.CharField(
        label=gettext_lazy("Remember this mapping as"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Offered again for files with the same columns."),
    )

    def __init__(self, data: Any = None, *, kind: FileKind, plan: Plan, look: Look | None) -> None:
        super().__init__(data, initial=plan.as_json())
        self._kind, self._plan, self._look = kind, plan, look
        self._names = look.table.header.names if look else ()
        self._offer_readings()
        self._offer_rest()
        targets = choices(kind)
        for place, name in enumerate(self._names):
            self.fields[f"{PLACE}{place}"] = forms.ChoiceField(
                label=name,
                required=False,
                initial=plan.targets.get(name, ""),
                choices=_choices_for(kind, name, targets),
            )

    @property
    def reading(self) -> list[forms.BoundField]:
        """The fields that say how the file is read."""
        return [self[name] for name in READING if name in self.fields]

    @property
    def rest(self) -> list[forms.BoundField]:
        """What holds for all rows."""
        apart = {*READING, *OUTCOME, "save_as"}
        return [self[name] for name in self.fields if name not in apart and not name.startswith(PLACE)]

    @property
    def outcome(self) -> list[forms.BoundField]:
        return [self[name] for name in OUTCOME if name in self.fields]

    def columns(self) -> list[tuple[forms.BoundField, Sequence[str]]]:
        """A field for each column, with the first values of that."""
        look = self._look
        return (
            []
            if look is None
            else [(self[f"{PLACE}{place}"], column.values) for place, column in enumerate(look.columns)]
        )

    @property
    def plan(self) -> Plan:
        """What a valid form says; a column that wasn't asked about keeps its meaning."""
        said: dict[str, Any] = dict(self.cleaned_data)
        targets: dict[str, str] = {}
        for place, name in enumerate(self._names):
            target = said.pop(f"{PLACE}{place}")
            targets[name] = target if f"{PLACE}{place}" in self.data else self._plan.targets.get(name, "")
        said.pop("save_as", None)
        for name in ("team", "owner"):
            if name in said:
                said[name] = said[name].pk if said[name] else None
        said["timezone"] = said.get("timezone") or "UTC"
        said["lead_key"] = said.get("lead_key") or EXTERNAL_ID
        return Plan(**{**said, "targets": targets, "recognised_as": self._plan.recognised_as})

    def _offer_readings(self) -> None:
        table = self._look.table if self._look else None
        is_workbook = table is not None and bool(table.sheets)
        guess = _("As guessed")
        found = f"{guess}: {table.encoding.name}" if table else guess
        words = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Bar")}
        parted = f"{guess}: {words[table.delimiter]}" if table and table.delimiter else guess
        self._choose("encoding", [("", found), *((name, name) for name in ENCODINGS)])
        self._choose("delimiter", [("", parted), *words.items()])
        self._choose(
            "sheet", [("", _("The first with rows")), *((one, one) for one in table.sheets)] if table else []
        )
        for name in ("encoding", "delimiter") if is_workbook else ("sheet",):
            del self.fields[name]

    def _offer_rest(self) -> None:
        self._choose("outcome_column", [("", _("None")), *((name, name) for name in self._names)])
        self._choose("lead_key", [(EXTERNAL_ID, _("An external id")), (EMAIL, _("An e-mail address"))])
        team, owner = self.fields["team"], self.fields["owner"]
        assert isinstance(team, forms.ModelChoiceField) and isinstance(owner, forms.ModelChoiceField)
        team.queryset = Team.objects.order_by("name", "pk")
        owner.queryset = (
            User.objects.filter(is_active=True, memberships__isnull=False).distinct().order_by("name", "pk")
        )
        team.empty_label = owner.empty_label = _("As rows or routing say")
        of_leads = ("missing", "team", "owner", *OUTCOME)
        of_signals = ("lead_key", "type_name", "timezone")
        for name in of_signals if self._kind == FileKind.LEADS else of_leads:
            del self.fields[name]

    def _choose(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _choices_for(kind: FileKind, column: str, targets: Choices) -> Choices:
    """The targets, and the new attribute or the property that this column can become."""
    key = key_for(column)
    if kind == FileKind.SIGNALS:
        return [*targets, (PROPERTY + key, _("The property %(key)s") % {"key": key})]
    return [targets[0], (NEW + key, _("A new attribute, %(key)s") % {"key": key}), *targets[1:]]
