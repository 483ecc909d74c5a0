"""Bodies that bring a file, as forms do: multipart/form-data. A large file is kept on disk meanwhile."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser

MEDIA_TYPE = "multipart/form-data"


class UploadParser(MultiPartParser):
    """The parts of a form. One with more than Django reads is refused like any that can't be read."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, dict(parser_context or {}))
        except SuspiciousOperation:
            raise ParseError(_("The form has too many parts, or too long ones.")) from None


def parts_of(form: Any) -> Iterator[bytes]:
    """What tells one form from another, however its sender parted it: names, values, and what is in files."""
    assert isinstance(form, MultiValueDict)
    for name, values in sorted(form.lists()):
        for value in values:
            yield name.encode()
            yield _content(value) if isinstance(value, UploadedFile) else str(value).encode()


def _content(file: UploadedFile[Any]) -> bytes:
    digest = hashlib.sha256(f"{file.name}\0".encode())
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return digest.digest()
