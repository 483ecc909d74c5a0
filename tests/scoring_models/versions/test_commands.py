"""load_version and export_version, as an operator uses them."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from scoring_models.live import live_version
from scoring_models.models import Activation, ModelVersion, VersionState
from scoring_models.spec import Spec
from scoring_models.spec_text import parse, spec_of
from tests.scoring_models.versions.conftest import NOW, REFERENCE, Cast, next_version


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_file_becomes_a_draft_of_its_author(cast: Cast, reference: Spec) -> None:
    result = json.loads(run("load_version", REFERENCE, "--as", "MARA@example.com", "--json"))
    version = ModelVersion.objects.get(pk=result["version"])
    assert (result["model"], result["number"], result["state"]) == ("LinkedIn B2B", 1, "draft")
    assert (version.created_by, version.state) == (cast.mara, VersionState.DRAFT)
    assert spec_of(version) == replace(reference, golden=())
    assert not Activation.objects.exists()


def test_the_first_version_of_a_model_goes_live_and_the_next_does_not(cast: Cast) -> None:
    assert "is live" in run("load_version", REFERENCE, "--first")
    version = ModelVersion.objects.get()
    assert live_version(version.model, at=timezone.now()) == version
    with pytest.raises(CommandError, match="may go live unapproved"):
        run("load_version", REFERENCE, "--first")
    assert "is a draft" in run("load_version", REFERENCE)
    assert Activation.objects.get().version == version


def test_what_is_wrong_with_a_file_is_told_with_its_line(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(REFERENCE.read_text().replace("points: 40", "pionts: 40"))
    with pytest.raises(CommandError) as caught:
        run("load_version", path)
    assert "rule 1, pionts, line 48: Unknown key. Did you mean points?" in str(caught.value)
    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=r"model\.yaml"):
        run("load_version", path)


@pytest.mark.parametrize("email", ["nobody@example.com", "system@leadscoring.invalid"])
def test_an_unknown_user_loads_nothing(email: str, cast: Cast) -> None:
    with pytest.raises(CommandError, match="There is no active user"):
        run("load_version", REFERENCE, "--as", email)


def test_a_rep_loads_nothing(cast: Cast) -> None:
    with pytest.raises(CommandError, match="Only the role Marketing"):
        run("load_version", REFERENCE, "--as", "rob@example.com")


def test_what_is_exported_loads_as_the_same_version(live: ModelVersion, tmp_path: Path) -> None:
    path = tmp_path / "out.yaml"
    assert "written to" in run("export_version", live.pk, "--out", path)
    assert parse(path.read_text()) == spec_of(live)
    assert run("export_version", live.pk) == path.read_text()
    result = json.loads(run("export_version", live.pk, "--json"))
    assert (result["yaml"], result["digest"]) == (path.read_text(), live.digest)


def test_an_unknown_version_is_refused(cast: Cast, live: ModelVersion, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no version 0"):
        run("export_version", 0)
    with pytest.raises(CommandError, match="No such file"):
        run("export_version", live.pk, "--out", tmp_path / "none" / "out.yaml")


# diff_versions


def test_two_versions_are_compared_by_id_or_file(live: ModelVersion, cast: Cast, tmp_path: Path) -> None:
    second = next_version(live, cast, at=NOW)
    path = tmp_path / "other.yaml"
    path.write_text(run("export_version", live.pk))
    assert run("diff_versions", path, live.pk) == "They say the same.\n"
    path.write_text(path.read_text().replace("points: 40", "points: 45"))
    assert run("diff_versions", live.pk, second.pk) == "changed: Lowest total: 0 → -5\n"
    assert run("diff_versions", live.pk, live.pk) == "They say the same.\n"
    assert "(+40 → +45)" in run("diff_versions", live.pk, path)
    (rule,) = json.loads(run("diff_versions", live.pk, path, "--json"))["rules"]
    assert (rule["change"], rule["old_points"], rule["new_points"]) == ("changed", 40, 45)


def test_what_cannot_be_compared_is_named(live: ModelVersion, tmp_path: Path) -> None:
    for wrong, told in (("0", "no version 0"), (tmp_path / "none.yaml", "No such file")):
        with pytest.raises(CommandError, match=told):
            run("diff_versions", live.pk, wrong)
    path = tmp_path / "bad.yaml"
    path.write_text("format: 1")
    with pytest.raises(CommandError, match=r"bad\.yaml: .*missing"):
        run("diff_versions", path, live.pk)
