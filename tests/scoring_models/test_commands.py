"""`rescore`, `explain` and `export_scores`, as people and programs call them."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from leads.models import Lead, Score
from leadscoring.ops.state import BASE_DIR
from scoring_models import rescoring
from scoring_models.evaluation import detail, frozen_spec
from scoring_models.models import Activation, ModelVersion, RescoreRun
from scoring_models.spec_text import to_yaml
from tests.conftest import database_url
from tests.oracle import Fact, LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant
from tests.scoring_models.reference import REFERENCE

pytestmark = pytest.mark.django_db

EXTERNAL_IDS = ("b-2", None, "a,1", "B-3", None)
NASTY = ('=HYPERLINK("http://x")', "'=1", "@SUM(A1)")


def call(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def call_json(*arguments: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(call(*arguments, "--json"))
    return result


@pytest.fixture
def leads() -> list[int]:
    """Five leads, the first of whom started a conversation a day ago."""
    now = timezone.now()
    titles: Sequence[dict[str, Fact]] = [
        {"job_title": title} for title in ("VP", "Clerk", "Head", "VP", "Clerk")
    ]
    signals = (SignalFact("dm_received", now - timedelta(days=1)),)
    ids = plant(
        [
            LeadFacts(now - timedelta(days=2), title, None, () if i else signals)
            for i, title in enumerate(titles)
        ]
    )
    for lead_id, external_id in zip(ids, EXTERNAL_IDS, strict=True):
        Lead.objects.filter(pk=lead_id).update(external_id=external_id)
    return ids


@pytest.fixture
def version(leads: list[int]) -> ModelVersion:
    return go_live()


# rescore


def test_rescore_scores_all_leads(version: ModelVersion, leads: list[int]) -> None:
    result = call_json("rescore")
    assert (result["versions"], result["leads"]) == ([version.pk], 5)
    assert dict(Score.objects.values_list("pk", "total")) == dict(zip(leads, (55, 0, 15, 15, 0), strict=True))


def test_rescore_carries_on_the_run_that_the_activation_began(version: ModelVersion) -> None:
    run = RescoreRun.objects.get()
    result = call_json("rescore")
    assert (result["run"], result["resumed"]) == (run.pk, True)
    assert rescoring.progress(run).is_finished


def test_rescore_begins_a_new_run_where_none_is_left(version: ModelVersion) -> None:
    first, second = call_json("rescore"), call_json("rescore")
    assert not second["resumed"]
    assert second["run"] > first["run"]


def test_rescore_of_some_leads_leaves_the_others(version: ModelVersion, leads: list[int]) -> None:
    assert call_json("rescore", "--lead", "b-2", str(leads[1]), "--lead", "b-2")["leads"] == 2
    assert set(Score.objects.values_list("pk", flat=True)) == set(leads[:2])


def test_rescore_says_how_many(version: ModelVersion) -> None:
    assert "5 leads scored with LinkedIn B2B, version 1" in call("rescore")


def test_rescore_names_the_versions_of_all_models(version: ModelVersion) -> None:
    other = go_live(replace(REFERENCE, model="Partners"))
    assert "scored with Partners, version 1 and LinkedIn B2B, version 1 in" in call("rescore")
    assert call_json("rescore", "--lead", "b-2")["versions"] == [other.pk, version.pk]


def test_rescore_stops_where_another_version_goes_live(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*, run_id: int) -> bool:
        Activation.objects.update(ends_at=timezone.now())
        return rescoring_work(run_id=run_id)

    rescoring_work = rescoring.work_next_shard
    monkeypatch.setattr(rescoring, "work_next_shard", overtaken)
    with pytest.raises(CommandError, match="Another version went live"):
        call("rescore")


def test_rescore_ends_where_somebody_stops_it(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped_meanwhile(*, run_id: int) -> bool:
        RescoreRun.objects.filter(pk=run_id).update(stopped_at=timezone.now())
        return False

    monkeypatch.setattr(rescoring, "work_next_shard", stopped_meanwhile)
    with pytest.raises(CommandError, match="Somebody stopped it meanwhile"):
        call("rescore")


@pytest.mark.parametrize(
    "arguments",
    [("rescore",), ("rescore", "--lead", "1"), ("export_scores", "--out", "never.csv"), ("explain", "b-2")],
)
def test_without_a_live_model_a_command_says_so(leads: list[int], arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="No model is live"):
        call(*arguments)


@pytest.mark.parametrize("given", ["nobody", "0", "9" * 30, ""])
@pytest.mark.parametrize("command", [("explain",), ("rescore", "--lead")])
def test_an_unknown_lead_is_refused_by_name(
    version: ModelVersion, command: tuple[str, ...], given: str
) -> None:
    with pytest.raises(CommandError, match=f"There is no lead {given}:"):
        call(*command, given)


def test_an_external_id_goes_before_a_number(version: ModelVersion, leads: list[int]) -> None:
    Lead.objects.filter(pk=leads[1]).update(external_id=str(leads[0]))
    assert call_json("explain", str(leads[0]))["lead"] == leads[1]


# explain


def test_explain_as_json_has_lines_that_add_up(version: ModelVersion, leads: list[int]) -> None:
    result = call_json("explain", "b-2")
    assert (result["lead"], result["external_id"], result["version"]) == (leads[0], "b-2", version.pk)
    assert (result["engagement"], result["fit"], result["total"], result["band"]) == (40, 15, 55, "mql")
    assert sum(line["points"] for line in result["lines"]) == 55
    met = next(line for line in result["lines"] if line["key"] == "conversation")
    assert (met["status"], met["until"]) == ("met", result["due_at"])
    assert datetime.fromisoformat(result["due_at"]).tzinfo == UTC


def test_explain_as_of_another_moment(version: ModelVersion) -> None:
    before = (timezone.now() - timedelta(days=1, hours=1)).isoformat()
    assert call_json("explain", "b-2", "--as-of", before)["engagement"] == 0
    after = (timezone.now() + timedelta(days=90)).isoformat()
    assert call_json("explain", "b-2", "--as-of", after)["engagement"] == -15


def test_explain_is_a_table_for_people(version: ModelVersion) -> None:
    table = call("explain", "b-2")
    assert "LinkedIn B2B, version 1" in table
    assert "55 points, MQL" in table
    assert "Engagement 40" in table
    assert "+40  Started a conversation" in table
    assert "?  Company size is in “sizes”" in table
    assert "Company size is missing, would add 10" in table
    assert not [line for line in table.splitlines() if line != line.rstrip()]


def test_explain_since_a_moment_says_how_the_score_came_to_be(version: ModelVersion) -> None:
    since = (timezone.now() - timedelta(days=1, hours=1)).isoformat()
    table = call("explain", "b-2", "--since", since)
    assert "15, Nurture, LinkedIn B2B, version 1" in table
    assert "55, MQL, LinkedIn B2B, version 1" in table
    assert "Signals learned or taken back +40" in table
    assert "+40  Started a conversation" in table
    result = call_json("explain", "b-2", "--since", since)
    assert (result["before"]["total"], result["after"]["effective"], result["points"]) == (15, 55, 40)
    [step] = result["steps"]
    assert (step["kind"], step["points"], step["changes"][0]["key"]) == ("signals", 40, "conversation")
    assert "Nothing changed." in call("explain", "b-2", "--since", since, "--as-of", since)


def test_a_moment_that_cannot_be_read_is_refused(version: ModelVersion) -> None:
    with pytest.raises(CommandError, match="--as-of tomorrow is not a date"):
        call("explain", "b-2", "--as-of", "tomorrow")
    with pytest.raises(CommandError, match="--known-at tomorrow is not a date"):
        call("explain", "b-2", "--known-at", "tomorrow")
    with pytest.raises(CommandError, match="--since tomorrow is not a date"):
        call("explain", "b-2", "--since", "tomorrow")


# export_scores


def export(path: Path, *arguments: str) -> list[dict[str, str]]:
    call("export_scores", "--out", str(path), *arguments)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_export_has_every_lead_in_order_and_stores_nothing(
    version: ModelVersion, leads: list[int], tmp_path: Path
) -> None:
    rows = export(tmp_path / "scores.csv")
    assert [row["external_id"] for row in rows] == ["B-3", "a,1", "b-2", "", ""]
    assert [row["total"] for row in rows] == ["15", "15", "55", "0", "0"]
    assert rows[2] | {"due_at": ""} == {
        "external_id": "b-2",
        "engagement": "40",
        "fit": "15",
        "total": "55",
        "band": "mql",
        "due_at": "",
    }
    due_at = detail(frozen_spec(version.digest), leads[0], timezone.now()).due_at
    assert datetime.fromisoformat(rows[2]["due_at"]) == due_at
    assert rows[2]["due_at"].endswith("+00:00")
    assert not Score.objects.exists()
    assert os.listdir(tmp_path) == ["scores.csv"]


def test_export_as_of_a_moment(version: ModelVersion, tmp_path: Path) -> None:
    later = (timezone.now() + timedelta(days=90)).isoformat()
    rows = export(tmp_path / "scores.csv", "--as-of", later)
    assert {row["engagement"] for row in rows} == {"-15"}


def test_export_by_a_file_and_by_a_draft_that_says_the_same(version: ModelVersion, tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(to_yaml(frozen_spec(version.digest)).replace("points: 40", "points: 44"))
    call("load_version", str(file))
    draft = ModelVersion.objects.get(state="draft")
    moment = timezone.now().isoformat()
    by_file = export(tmp_path / "a.csv", "--version", str(file), "--as-of", moment)
    by_draft = export(tmp_path / "b.csv", "--version", str(draft.pk), "--as-of", moment)
    assert by_file == by_draft
    assert by_file[2]["engagement"] == "44"


def test_no_cell_of_an_export_runs_and_importing_it_changes_nothing(
    version: ModelVersion, leads: list[int], tmp_path: Path
) -> None:
    Lead.objects.filter(external_id=None).delete()
    for lead_id, external_id in zip(Lead.objects.values_list("pk", flat=True), NASTY, strict=True):
        Lead.objects.filter(pk=lead_id).update(external_id=external_id)
    rows = export(tmp_path / "scores.csv")
    assert sorted(row["external_id"] for row in rows) == sorted(f"'{text}" for text in NASTY)
    assert {row["engagement"] for row in rows} <= {"40", "0"}
    before = list(Lead.objects.order_by("pk").values())
    result = call_json("import_leads", str(tmp_path / "scores.csv"), "--map", "external_id=external_id")
    assert (result["read"], result["unchanged"]) == (3, 3)
    assert list(Lead.objects.order_by("pk").values()) == before


def test_export_streams_more_leads_than_a_chunk(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring_models.management.commands.export_scores.LEADS_A_CHUNK", 2)
    assert len(export(tmp_path / "scores.csv")) == 5


def test_export_tells_its_result_as_json(version: ModelVersion, tmp_path: Path) -> None:
    out = str(tmp_path / "scores.csv")
    result = call_json("export_scores", "--out", out, "--as-of", "2026-03-15")
    assert result == {"leads": 5, "out": out, "as_of": "2026-03-15T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"format: 1\nmodel: X\nbands: [{key: a, name: A}]\nrules: [{key: r, wat: 1}]", "wat"),
        (b"\xff\xfe", "not UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_version_is_refused_and_nothing_is_written(
    version: ModelVersion, tmp_path: Path, content: bytes | None, refusal: str
) -> None:
    file, out = tmp_path / "model.yaml", tmp_path / "scores.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=refusal):
        export(out, "--version", str(file))
    assert not out.exists()


def test_an_export_that_fails_leaves_the_file_that_was_there(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "scores.csv"
    out.write_text("yesterday's")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scoring_models.evaluation.evaluate", fail)
    with pytest.raises(CommandError, match=r"scores\.csv: No space left"):
        export(out)
    assert out.read_text() == "yesterday's"
    assert os.listdir(tmp_path) == ["scores.csv"]


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(
    version: ModelVersion, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=r"^\S*/missing/scores.csv: No such file or directory\.$"):
        export(tmp_path / "missing" / "scores.csv")


@pytest.mark.parametrize("out", ["/", "."])
def test_a_folder_is_no_file_to_write(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError):
        call("export_scores", "--out", out)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_version_is_refused(version: ModelVersion, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no version 12345"):
        export(tmp_path / "scores.csv", "--version", "12345")


# On a real terminal, or none.


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_alone(version: ModelVersion) -> None:
    terminal, file = Terminal(), StringIO()
    call_command("rescore", stdout=StringIO(), stderr=terminal)
    call_command("rescore", stdout=StringIO(), stderr=file)
    assert "0 of 5 leads" in terminal.getvalue()
    assert file.getvalue() == ""
    assert terminal.getvalue().endswith("\x1b[K")


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DATABASE_OWNER_URL": database_url(owner=True),
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        capture_output=True,
        text=True,
        cwd=BASE_DIR,
        env=environment,
        check=False,
    )


@pytest.mark.slow
def test_the_commands_answer_and_fail_as_programs_expect(committed_db: None, tmp_path: Path) -> None:
    plant([LeadFacts(timezone.now(), {"job_title": "VP"})])
    go_live()
    out = tmp_path / "scores.csv"
    done = manage("export_scores", "--out", str(out), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["leads"] == 1
    assert out.read_text().splitlines()[1].startswith(",0,15,15,nurture,")
    failed = manage("explain", "nobody", "--json")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "There is no lead nobody" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("command", ["rescore", "explain", "export_scores"])
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        call_command(command, "--help")
    assert end.value.code == 0
    assert "--json" in capsys.readouterr().out
