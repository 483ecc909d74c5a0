"""Wrong keys: their number is limited by address, and nobody else pays for them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leadscoring.api import wrong_keys
from leadscoring.api.models import ApiKey, Bucket
from leadscoring.api.tasks import forget_answers
from tests.api.conftest import STILL, Program, Reply, key_for
from tests.company import Company

HOME = "203.0.113.7"
pytestmark = pytest.mark.usefixtures("no_time_passes")


def ask(text: str, *, address: str = HOME) -> Reply:
    return Program(text, Client(REMOTE_ADDR=address)).get("/leads/")


def guess(text: str, number: int) -> str:
    """Another secret with the prefix of a key."""
    return f"{text.rsplit('_', 1)[0]}_{number:064x}"


def test_who_guesses_the_secret_of_a_key_is_stopped_and_told_when_to_come_back(company: Company) -> None:
    text = key_for(company.person("ana")).text
    answers = [ask(guess(text, number)) for number in range(wrong_keys.OF_A_PREFIX + 1)]
    assert [answer.status for answer in answers] == [401] * wrong_keys.OF_A_PREFIX + [429]
    assert answers[-1].code == "key.too_many_wrong"
    assert answers[-1].headers["Retry-After"] == "6"
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    Bucket.objects.update(filled_at=STILL - timedelta(seconds=7))
    assert ask(guess(text, 99)).status == 401


def test_right_keys_of_the_same_address_are_let_in_all_the_while(company: Company) -> None:
    text, other = (key_for(company.person(name)).text for name in ("ana", "jon"))
    for number in range(wrong_keys.OF_A_PREFIX + 1):
        ask(guess(text, number))
    assert (ask(guess(text, 99)).status, ask(text).status, ask(other).status) == (429, 200, 200)


def test_wrong_keys_of_all_kinds_count_together_for_an_address(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrong_keys, "OF_AN_ADDRESS", 3)
    wrong = ["", "no key", f"ls_{'a' * 12}_{'0' * 64}", f"ls_{'b' * 12}_{'0' * 64}"]
    assert [ask(text).status for text in wrong] == [401, 401, 401, 429]
    assert ask(wrong[3], address="203.0.113.8").status == 401


def test_one_network_of_ipv6_is_one_address(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong_keys, "OF_AN_ADDRESS", 1)
    addresses = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1", "::ffff:203.0.113.9", "unix"]
    assert [ask("x", address=address).status for address in addresses] == [401, 429, 401, 401, 401]
    assert ask("x", address="203.0.113.9").status == 429


def test_a_wrong_key_leaves_no_trace_on_the_right_one(company: Company) -> None:
    issued = key_for(company.person("ana"))
    ask(guess(issued.text, 1))
    assert ApiKey.objects.get(pk=issued.key.pk).last_used_at is None


def test_what_was_counted_is_forgotten_once_it_says_nothing_more(company: Company) -> None:
    ask("x")
    ask(key_for(company.person("ana")).text)
    Bucket.objects.update(filled_at=timezone.now())
    forget_answers()
    assert Bucket.objects.count() == 2
    Bucket.objects.update(filled_at=timezone.now() - timedelta(hours=2))
    forget_answers()
    assert not Bucket.objects.exists()


def test_wrong_write_keys_count_as_well(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong_keys, "OF_AN_ADDRESS", 2)
    client = Client(REMOTE_ADDR=HOME)
    body = {"userId": "1", "event": "Seen", "writeKey": "wrong"}
    answers = [client.post("/v1/track", body, content_type="application/json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
