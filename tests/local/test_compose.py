"""The launcher reads docker-compose.yml as Compose does."""

from __future__ import annotations

from typing import Any

import pytest

from local import compose

FILLED = [
    ("plain", "plain"),
    ("${NAME}", "manga"),
    ("--slots=${NAME} and ${NAME}", "--slots=manga and manga"),
    ("${NAME:-other}", "manga"),
    ("${MISSING:-other}", "other"),
    ("${EMPTY:-other}", "other"),
    ("${MISSING:-}", ""),
    ("${MISSING}", ""),
    ("${NAME:?is needed}", "manga"),
    ("$$NAME $${NAME}", "$NAME ${NAME}"),
]
VALUES = {"NAME": "manga", "EMPTY": ""}


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a service the only one of the file."""

    def write(**service: Any) -> None:
        monkeypatch.setattr(compose, "document", lambda: {"services": {"one": service}})

    return write


@pytest.mark.parametrize(("written", "filled"), FILLED)
def test_variables_are_filled_in(written: str, filled: str) -> None:
    assert compose.fill(written, VALUES) == filled


def test_variables_are_filled_in_at_every_depth() -> None:
    written = {"a": ["${NAME}", {"b": "${NAME}"}], "c": True, "d": None}
    filled = {"a": ["manga", {"b": "manga"}], "c": True, "d": None}
    assert compose.fill(written, VALUES) == filled


@pytest.mark.parametrize("name", ["MISSING", "EMPTY"])
def test_a_needed_variable_without_value_says_what_to_do(name: str) -> None:
    with pytest.raises(compose.Unset, match=f"{name} is not set. Give a name"):
        compose.fill(f"${{{name}:?Give a name}}", VALUES)


@pytest.mark.parametrize("written", ["$NAME", "${NAME-other}", "${NAME:+other}", "${A:-${B}}"])
def test_what_the_reader_does_not_know_is_refused(written: str) -> None:
    with pytest.raises(compose.Unsupported):
        compose.fill(written, VALUES)


def test_a_command_is_words_or_a_line(write: Any) -> None:
    write(command="run --name 'two words'")
    (line,) = compose.services({}).values()
    write(command=["run", "--name", "two words"])
    (words,) = compose.services({}).values()
    assert line.command == words.command == ["run", "--name", "two words"]


def test_a_variable_without_value_is_passed_on_only_if_it_is_there(write: Any) -> None:
    write(environment={"NAME": None, "MISSING": None, "SET": "${NAME}"})
    (service,) = compose.services(VALUES).values()
    assert service.environment == {"NAME": "manga", "SET": "manga"}


@pytest.mark.parametrize(
    "service",
    [
        {"environment": ["NAME=value"]},
        {"healthcheck": {"test": ["CMD-SHELL", "true"]}},
        {"stop_grace_period": "1m30s"},
    ],
)
def test_a_form_that_the_reader_does_not_know_is_refused(
    write: Any, service: dict[str, Any]
) -> None:
    write(**service)
    with pytest.raises(compose.Unsupported):
        compose.services({})


def test_the_values_of_a_machine_without_aws_fill_the_whole_file() -> None:
    services = compose.services(compose.local_values())
    assert services["enrichment"].command == [
        "python", "manage.py", "worker", "enrichment", "--slots=25", "--parallel=10",
    ]  # fmt: skip
    assert services["enrichment"].environment["AWS_PROFILE"] == "manga-enrichment-worker"
    assert services["web"].environment["AWS_ENDPOINT_URL"] == "http://ministack:4566"


def test_a_value_given_to_a_service_wins() -> None:
    service = compose.local_service("enrichment", ENRICHMENT_SLOTS="3")
    assert service.command[-2:] == ["--slots=3", "--parallel=10"]
