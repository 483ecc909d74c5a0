"""Tables that are sent as files: CSV as it is read, workbooks once they are whole."""

from collections.abc import Iterable

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from leads.imports.refused import format_of, name_of, refused_csv, refused_workbook
from leads.models import FileImport
from leads.spreadsheets.writing import CONTENT_TYPES, Cells, Format, csv_pieces, workbook


def as_file(rows: Iterable[Cells], *, name: str, wanted: str | None) -> HttpResponseBase:
    """The rows as a file to save: a workbook where `wanted` says "xlsx", else CSV."""
    if wanted == Format.XLSX:
        file = workbook(rows, title=name)
        return FileResponse(
            file, as_attachment=True, filename=f"{name}.xlsx", content_type=CONTENT_TYPES[Format.XLSX]
        )
    response = StreamingHttpResponse(csv_pieces(rows), content_type=CONTENT_TYPES[Format.CSV])
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def refused_file(job: FileImport) -> HttpResponseBase:
    """The refused rows of an import in the format that they came in. Raises DomainError."""
    form = format_of(job)
    if form == Format.XLSX:
        response: HttpResponseBase = FileResponse(refused_workbook(job))
    else:
        response = StreamingHttpResponse(refused_csv(job))
    response["Content-Type"] = CONTENT_TYPES[form]
    response["Content-Disposition"] = content_disposition_header(True, name_of(job)) or "attachment"
    return response
