"""How the import commands take their common arguments, show progress and answer."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from leads.ingestion.sources.table import Wish
from leadscoring.errors import DomainError
from leadscoring.people.models import User

Handle = Callable[..., None]
# The option that does what a refusal proposes, whose sentence is for pages as well.
_OPTIONS = {
    "mapping.attribute": "--create-attributes makes what isn't there.",
    "mapping.missing": "--map maps a column, --type names a type for all rows.",
    "mapping.identity": "--map maps a column.",
    "file.encoding": "--encoding names it.",
    "file.header": "--header-line names its line.",
    "file.sheet": "--sheet names one.",
    "refused.place": "--refused-file names where.",
}
DELIMITER_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def add_common_arguments(parser: ArgumentParser, *, map_help: str, map_form: str) -> None:
    """The arguments that both commands have."""
    parser.add_argument(
        "file", metavar="FILE", help="a delimited text file, .gz or not, or an .xlsx, with a header"
    )
    parser.add_argument(
        "--map", action="extend", nargs="+", default=[], metavar=f'"{map_form}"', help=map_help
    )
    parser.add_argument("--as", metavar="EMAIL", help="the user who imports (else the system)")
    parser.add_argument("--encoding", metavar="NAME", help="the file's encoding, where it is guessed wrong")
    parser.add_argument(
        "--delimiter", choices=DELIMITER_WORDS, help="what parts the cells, where it is guessed wrong"
    )
    parser.add_argument("--sheet", metavar="NAME", help="a workbook's sheet (else the first with rows)")
    parser.add_argument(
        "--header-line", type=int, metavar="N", help="the line of the header (else the first that fits)"
    )
    parser.add_argument(
        "--refused-file", type=Path, metavar="PATH", help="where refused rows go (else next to FILE)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def wish_of(options: Mapping[str, Any]) -> Wish:
    """How the file is to be read, as the arguments say."""
    return Wish(
        encoding=options["encoding"],
        delimiter=DELIMITER_WORDS.get(options["delimiter"] or ""),
        sheet=options["sheet"],
        header_at=options["header_line"],
    )


def domain_errors(handle: Handle) -> Handle:
    """Let a command end with the sentence of a DomainError and a failure's exit code."""

    @wraps(handle)
    def ends_well(*args: Any, **options: Any) -> None:
        try:
            handle(*args, **options)
        except DomainError as error:
            option = _OPTIONS.get(error.code)
            raise CommandError(f"{error.sentence} {option}" if option else error.sentence) from error

    return ends_well


def actor_of(email: str | None) -> User:
    """Who runs the command. Raises DomainError."""
    if email is None:
        return User.objects.system()
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise DomainError("user.unknown", f"There is no active user {email}.")
    return user


class ImportOutput:
    """The result on standard output; progress on standard error where that is a terminal."""

    def __init__(self, out: OutputWrapper, err: OutputWrapper, *, as_json: bool) -> None:
        self._out = out
        self._err = err
        self._as_json = as_json
        self._shown = False

    def progress(self, rows: int) -> None:
        if self._err.isatty():
            self._err.write(f"\r{rows:,} rows …", ending="", style_func=str)
            self._err.flush()
            self._shown = True

    def report(self, result: Mapping[str, Any], sentences: Sequence[str]) -> None:
        """Print the result: all of it as JSON, or in sentences that leave nothing out."""
        if self._shown:
            self._err.write("")
        if self._as_json:
            self._out.write(json.dumps(result, ensure_ascii=False))
            return
        for sentence in (*sentences, *_about_the_file(result)):
            self._out.write(sentence)


def _about_the_file(result: Mapping[str, Any]) -> list[str]:
    said = []
    if result["refused_file"]:
        said.append(f"The refused rows are in {result['refused_file']}, with the reasons.")
    if result["ignored_columns"]:
        said.append(f"Columns that nothing was made of: {', '.join(result['ignored_columns'])}.")
    if result["skipped_lines"]:
        said.append(f"Lines above the header: {', '.join(map(str, result['skipped_lines']))}.")
    if result["sheet"]:
        said.append(f"The sheet “{result['sheet']}” was read.")
    if result["encoding_guessed"]:
        said.append(f"The file is no UTF-8 and was read as {result['encoding']}: look at names with accents.")
    if result.get("dry_run"):
        said.append("This was a dry run: no data was changed.")
    return said
