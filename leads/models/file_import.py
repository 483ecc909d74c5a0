"""Imports in the browser: an uploaded file, how it is to be read, and what came of it chunk by chunk."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    LEADS = "leads", _("Leads")
    SIGNALS = "signals", _("Signals")


class ImportState(models.TextChoices):
    DRAFT = "draft", _("waits for you to begin it")
    WAITING = "waiting", _("waits for a worker")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("could not go on")


class FileImport(models.Model):
    """One uploaded file. It is looked at and mapped until somebody begins it; then a worker imports it.

    `plan` is how to read it (`leads.imports.plan`), `notes` what came of it beside the counts of its chunks.
    A worker holds it by a lease and commits a chunk only under the fence that it took it with; `tries` counts
    how often it was taken since the last chunk.
    """

    kind = models.CharField(max_length=10, choices=FileKind)
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField(help_text="Bytes.")
    rows = models.BigIntegerField(null=True, help_text="How many rows the file has, once that is known.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="file_imports")
    uploaded_at = models.DateTimeField()
    plan = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, help_text="Why it could not go on, as a sentence.")
    file_removed_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(
                fields=("begun_at",),
                condition=models.Q(begun_at__isnull=False, finished_at=None, cancelled_at=None),
                name="leads_fileimport_open",
            ),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None or self.cancelled_at is not None

    @property
    def state(self) -> ImportState:
        if self.begun_at is None:
            return ImportState.DRAFT
        if self.failure:
            return ImportState.FAILED
        if self.cancelled_at is not None:
            return ImportState.STOPPED
        if self.finished_at is not None:
            return ImportState.DONE
        return ImportState.RUNNING if self.leased_until else ImportState.WAITING


class FilePiece(models.Model):
    """A piece of an uploaded file. Kept in the database, so that any worker can import it."""

    file_import = models.ForeignKey(FileImport, on_delete=models.CASCADE, related_name="pieces")
    place = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("file_import", "place"), name="leads_filepiece_in_order"),
        )


class ImportedChunk(models.Model):
    """A chunk of a file that is committed, written in the transaction that saved its rows.

    `counts` are what became of its rows, `refusals` lists [row, column, reason], `accounts_told` names by
    account the attributes that it told of.
    """

    file_import = models.ForeignKey(FileImport, on_delete=models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    counts = models.JSONField()
    refusals = models.JSONField(default=list)
    accounts_told = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("file_import", "number"), name="leads_importedchunk_once"),
        )


class SavedMapping(models.Model):
    """A plan under a name, offered again for a file with the same columns (`header` is their digest)."""

    kind = models.CharField(max_length=10, choices=FileKind)
    name = models.CharField(max_length=80)
    header = models.CharField(max_length=64)
    plan = models.JSONField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "name"), name="leads_savedmapping_name"),)

    def __str__(self) -> str:
        return self.name
