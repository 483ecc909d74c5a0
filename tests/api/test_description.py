"""The description of the API: it is kept with the code, true, and readable."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_spec_validator import validate

from leads.models import Attribute
from leadscoring.api import schema
from leadscoring.api.templatetags.code import with_code
from leadscoring.ops.state import BASE_DIR
from tests.api.conftest import Program
from tests.api.operations import every_operation
from tests.company import Company

Make = Callable[..., Program]
PROPERTIES = ("components", "schemas", "LeadBody", "properties", "attributes")


def at(document: Any, *path: str) -> Any:
    for part in path:
        document = document[part]
    return document


def test_the_description_in_the_repository_is_that_of_the_code(db: None) -> None:
    kept = (BASE_DIR / "docs" / "openapi.yaml").read_text()
    assert kept == schema.common_yaml(), "Run: python manage.py describe_api --out docs/openapi.yaml"


def test_it_is_valid_and_says_what_it_must(db: None) -> None:
    document = yaml.safe_load(schema.common_yaml())
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert set(document["components"]["securitySchemes"]) == {"ApiKey", "Session"}
    assert document["components"]["responses"]["Problem400"]["content"].keys() == {"application/problem+json"}


def test_nothing_of_it_is_said_twice_or_guessed(db: None) -> None:
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        schema.description(own=True)
        assert not GENERATOR_STATS


def test_every_operation_is_described(db: None) -> None:
    document = schema.description(own=True)
    described = {
        (method.upper(), path.removeprefix("/api/v1").replace("{lead_id}", "1"))
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert len(described) == len(every_operation())
    names = [each["operationId"] for operations in document["paths"].values() for each in operations.values()]
    assert sorted(names) == sorted(place.operation.name for place in every_operation())


def test_what_takes_a_body_shows_an_example(db: None) -> None:
    for place in every_operation():
        if place.operation.takes is not None:
            assert place.operation.examples, place


def test_an_installation_describes_its_own_attributes_to_its_own_people(program: Make) -> None:
    Attribute.objects.create(key="churn_risk", label="Churn risk", kind="number")
    own = at(program("ana").get("/schema/").body, *PROPERTIES)
    strangers = at(Program(None).get("/schema/").body, *PROPERTIES)
    assert "churn_risk" in own["properties"] and own["additionalProperties"] is False
    assert "churn_risk" not in strangers["properties"]


@pytest.mark.parametrize("name", ["ana", "sam", "mara", "ines"])
def test_everybody_who_is_signed_in_reads_it(company: Company, name: str) -> None:
    client = Client()
    client.force_login(company.person(name), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert "/api/v1/leads/{lead_id}/" in page.content.decode()


def test_the_page_shows_words_of_programs_as_code(company: Company) -> None:
    client = Client()
    client.force_login(company.person("ana"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/api/v1/docs/").content.decode()
    assert "<h3>Example: People</h3>" in page and "<h3>Example: A column</h3>" in page
    assert "Scope <code>imports:write</code>; roles: Marketing, Admin." in page and "`" not in page
    assert with_code("a `<b>` & `c` `") == "a <code>&lt;b&gt;</code> &amp; <code>c</code> `"


def test_strangers_sign_in_first(company: Company) -> None:
    assert Client().get("/api/v1/docs/").status_code == 302
