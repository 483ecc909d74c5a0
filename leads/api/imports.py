"""/api/v1/imports/: a file is uploaded, looked at, mapped, imported; its refused rows come back."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from rest_framework import serializers

from leads.api.import_plans import PlanBody, changed
from leads.api.import_shown import ImportShown, ImportSummary, MappingShown, mapping_told, told
from leads.imports import jobs
from leads.models import FileImport, FileKind, SavedMapping
from leads.spreadsheets.writing import CONTENT_TYPES, Format
from leads.views.files import refused_file
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import File, Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import MEGABYTE, Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.roles import Role

IMPORTERS = (Role.MARKETING, Role.ADMIN)


class UploadBody(Body):
    kind = serializers.ChoiceField(choices=FileKind.values, help_text="What the file holds.")
    file = File(help_text="CSV (also packed, .csv.gz) or a workbook (.xlsx).")


class BeginBody(Body):
    save_as = Text(
        required=False,
        allow_blank=True,
        max_length=80,
        help_text="Keep the mapping under this name, for files with the same columns.",
    )


@operation(scope=Scope.READ, roles=IMPORTERS, query=PageQuery, gives=page_of(ImportSummary))
def list_imports(call: Call) -> Listed:
    """All imports of files, the latest first."""
    page = newest_first(FileImport.objects.select_related("actor"), call.query)
    return Listed([{"job": job} for job in page.results], page.next)


@operation(
    scope=Scope.IMPORTS,
    roles=IMPORTERS,
    takes=UploadBody,
    gives=ImportShown,
    statuses=(201,),
    largest=lambda: jobs.most_bytes() + MEGABYTE,
    form=True,
    examples={"People": {"kind": "leads", "file": "Id,E-mail\n1042,jo@brandt.example\n"}},
)
def upload_file(call: Call) -> Given:
    """Take a file in, to be looked at. Nothing of it is imported until it is begun.

    The answer says how it was read and what each column was taken for.
    """
    file = call.body["file"]
    job = jobs.upload(
        kind=FileKind(call.body["kind"]),
        name=file.name,
        content=file.chunks(),
        actor=call.user,
        at=call.at,
    )
    return _given(job)


@operation(scope=Scope.READ, roles=IMPORTERS, gives=ImportShown)
def show_import(call: Call, import_id: int) -> Given:
    """An import: until it is begun what was guessed, then how far it is and what came of it."""
    return _given(jobs.get(job_id=import_id, user=call.user))


@operation(
    scope=Scope.IMPORTS,
    roles=IMPORTERS,
    takes=PlanBody,
    gives=ImportShown,
    matches=True,
    examples={
        "A column": {"columns": {"Visits": "new:visits", "Notes": ""}},
        "How it is read": {"encoding": "cp1250", "delimiter": ";", "header_line": 3},
    },
)
def change_import(call: Call, import_id: int) -> Given:
    """Say how a file is to be read and what its columns mean. What isn't said stays."""
    with transaction.atomic():
        job = jobs.draft(job_id=import_id, actor=call.user)
        check_match(call.request, _tag(job))
        plan = changed(job, jobs.plan_of(job), call.body)
        jobs.arrange(job_id=import_id, plan=plan, actor=call.user)
    return _given(jobs.get(job_id=import_id, user=call.user))


@operation(scope=Scope.IMPORTS, roles=IMPORTERS, statuses=(204,))
def discard_import(call: Call, import_id: int) -> None:
    """Throw a file away that nobody began to import."""
    jobs.discard(job_id=import_id, actor=call.user, at=call.at)


@operation(
    scope=Scope.IMPORTS,
    roles=IMPORTERS,
    takes=BeginBody,
    gives=ImportShown,
    statuses=(202,),
    examples={"To be remembered": {"save_as": "Fair in Munich"}},
)
def begin_import(call: Call, import_id: int) -> Given:
    """Have a worker import the file as it was last shown. After a crash it goes on by itself."""
    plan = jobs.plan_of(jobs.get(job_id=import_id, user=call.user))
    save_as = call.body.get("save_as", "")
    jobs.begin(job_id=import_id, plan=plan, save_as=save_as, actor=call.user, at=call.at)
    return _given(jobs.get(job_id=import_id, user=call.user))


@operation(scope=Scope.IMPORTS, roles=IMPORTERS, gives=ImportShown)
def cancel_import(call: Call, import_id: int) -> Given:
    """Import no more of a file; what was imported stays."""
    jobs.cancel(job_id=import_id, actor=call.user, at=call.at)
    return _given(jobs.get(job_id=import_id, user=call.user))


@operation(
    scope=Scope.READ,
    roles=IMPORTERS,
    media_type="text/csv",
    other_types=(CONTENT_TYPES[Format.XLSX],),
    refusals=(409, 422),
)
def download_refused_rows(call: Call, import_id: int) -> HttpResponseBase:
    """The refused rows as a file in the format that they came in, with line, column and reason in front.

    Correct them there and upload that file: it has the same columns.
    """
    return refused_file(jobs.get(job_id=import_id, user=call.user))


@operation(scope=Scope.READ, roles=IMPORTERS, query=PageQuery, gives=page_of(MappingShown))
def list_mappings(call: Call) -> Listed:
    """Mappings that were kept under a name. A file with just their columns takes the latest by itself."""
    page = newest_first(SavedMapping.objects.select_related("made_by"), call.query)
    return Listed([mapping_told(saved) for saved in page.results], page.next)


def _given(job: FileImport) -> Given:
    shown: Mapping[str, Any] = told(job)
    return Given(shown, headers={"ETag": _tag(job)})


def _tag(job: FileImport) -> str:
    return etag_of([job.pk, json.dumps(job.plan, sort_keys=True)])  # The database keeps no order.


all_ = resource(get=list_imports, post=upload_file)
one = resource(get=show_import, patch=change_import, delete=discard_import)
begin = resource(post=begin_import)
cancel = resource(post=cancel_import)
refused = resource(get=download_refused_rows)
mappings = resource(get=list_mappings)
