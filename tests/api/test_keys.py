"""API keys: what lets a program in, and what ends that."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from leadscoring.api import keys
from leadscoring.api.models import ApiKey
from leadscoring.api.scopes import Scope
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.api.conftest import Program, key_for
from tests.company import Company

READ = (Scope.READ,)
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def issue(company: Company, now: datetime, **changes: object) -> keys.Issued:
    given = {
        "name": "CRM",
        "user": company.person("ana"),
        "scopes": READ,
        "expires_at": now + DAY,
        "actor": company.person("ines"),
        "at": now,
    }
    return keys.create(**(given | changes))  # type: ignore[arg-type]


def works(text: str) -> bool:
    return Program(text).get("/leads/").status == 200


def test_a_key_lets_a_program_act_as_its_person(company: Company, now: datetime) -> None:
    issued = issue(company, now)
    assert works(issued.text)
    assert issued.text not in str(issued.key.__dict__)
    assert issued.key.secret_hash not in issued.text
    assert len(issued.key.secret_hash) == 128
    entry = AuditEntry.objects.get(action="api_key.created")
    assert entry.actor == company.person("ines")
    assert issued.text.split("_")[2] not in str(entry.data)


@pytest.mark.parametrize("change", ["last", "prefix", "empty", "scheme", "case", "space"])
def test_what_is_not_the_key_is_refused(company: Company, now: datetime, change: str) -> None:
    text = issue(company, now).text
    wrong = {
        "last": text[:-1] + ("0" if text[-1] != "0" else "1"),
        "prefix": "ls_000000000000_" + text.split("_")[2],
        "empty": "",
        "scheme": text,
        "case": text.upper(),
        "space": text + " x",
    }[change]
    header = f"Basic {wrong}" if change == "scheme" else f"Bearer {wrong}"
    answer = Program(None).get("/leads/", authorization=header)
    assert (answer.status, answer.code) == (401, "key.invalid")


def test_a_key_ends_when_it_expires_is_revoked_or_its_person_goes(company: Company, now: datetime) -> None:
    expired, revoked, gone = (issue(company, now) for _ in range(3))
    ApiKey.objects.filter(pk=expired.key.pk).update(created_at=now - 2 * DAY, expires_at=now - DAY)
    keys.revoke(key=revoked.key, actor=company.person("ines"), at=now)
    assert (works(expired.text), works(revoked.text), works(gone.text)) == (False, False, True)
    User.objects.filter(pk=company.person("ana").pk).update(is_active=False)
    assert not works(gone.text)
    with pytest.raises(DomainError, match="expired or been revoked"):
        keys.revoke(key=revoked.key, actor=company.person("ines"), at=now)


def test_after_rotation_the_old_secret_works_until_its_grace_is_over(company: Company, now: datetime) -> None:
    old = issue(company, now)
    new = keys.rotate(key=old.key, grace=DAY, actor=company.person("ines"), at=now)
    assert old.text != new.text
    assert works(old.text) and works(new.text)
    ApiKey.objects.update(previous_until=now - DAY)
    assert not works(old.text) and works(new.text)
    newest = keys.rotate(key=old.key, grace=timedelta(), actor=company.person("ines"), at=now)
    assert not works(new.text) and works(newest.text)


@pytest.mark.parametrize("name", ["ana", "sam", "mara"])
def test_only_admins_make_rotate_and_revoke_keys(company: Company, now: datetime, name: str) -> None:
    key, actor = issue(company, now).key, company.person(name)
    for deed in (
        lambda: issue(company, now, actor=actor),
        lambda: keys.rotate(key=key, grace=DAY, actor=actor, at=now),
        lambda: keys.revoke(key=key, actor=actor, at=now),
    ):
        with pytest.raises(DomainError) as refused:
            deed()
        assert refused.value.code == "not_an_admin"


@pytest.mark.parametrize("scope", [Scope.MODELS_APPROVE, Scope.MODELS_ACTIVATE])
def test_nobody_makes_themselves_a_second_pair_of_eyes(company: Company, now: datetime, scope: Scope) -> None:
    with pytest.raises(DomainError) as refused:
        issue(company, now, user=company.person("mara"), scopes=(scope,))
    assert refused.value.code == "key.not_own"
    own = issue(company, now, user=company.person("ines"), scopes=(scope,))
    ApiKey.objects.filter(pk=own.key.pk).update(user=company.person("mara"))
    with pytest.raises(DomainError) as refused:
        keys.rotate(key=own.key, grace=DAY, actor=company.person("ines"), at=now)
    assert refused.value.code == "key.not_own"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopes": ()}, "key.scopes"),
        ({"expires_at": datetime.fromisoformat("2020-01-01T00:00:00Z")}, "key.expiry"),
        ({"expires_at": datetime.fromisoformat("2120-01-01T00:00:00Z")}, "key.expiry"),
    ],
)
def test_a_key_has_an_end_and_a_use(
    company: Company, now: datetime, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        issue(company, now, **changes)
    assert refused.value.code == code


def test_a_key_never_acts_as_the_system(company: Company, now: datetime) -> None:
    with pytest.raises(DomainError) as refused:
        issue(company, now, user=User.objects.system())
    assert refused.value.code == "key.person"


def test_the_last_use_is_written_once_a_minute(company: Company, now: datetime) -> None:
    issued = key_for(company.person("ana"))
    works(issued.text)
    first = ApiKey.objects.get(pk=issued.key.pk).last_used_at
    works(issued.text)
    assert ApiKey.objects.get(pk=issued.key.pk).last_used_at == first
    ApiKey.objects.update(last_used_at=now - timedelta(minutes=2))
    works(issued.text)
    used = ApiKey.objects.get(pk=issued.key.pk).last_used_at
    assert used is not None and used > now - timedelta(minutes=1)
