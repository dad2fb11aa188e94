"""The compose files against the settings: they give all that production requires, and nothing that nobody reads."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from launcher import variables
from tests.processes import ROOT, bare_environment

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
WITH_TURN: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.turn.yml").read_text())
FOREIGN = {"MPLCONFIGDIR"}  # matplotlib's own
GIVEN = {
    "SITE_URL": "https://balint.example.org",
    "ROOM_URL": "wss://balint.example.org/node-1",
    "MEDIA_ADDRESS": "203.0.113.7",
    "TURN_URL": "turns:turn.example.org:443?transport=tcp",
    "turn_secret": "another secret of at least thirty-two characters\n",
    "secret_key": "a secret of at least thirty-two characters\n",
    "master_key": "one.master.key.of.more.than.thirty-two.characters\n",
    "database_url": "postgres://balint:secret@postgresql/balint\n",
    "email_url": "smtp+tls://balint:secret@mail.example.org:587\n",
}


def variable(name: str) -> str:
    return name.removesuffix("_FILE")


def filled_in(value: object, folder: Path) -> str:
    """A value as docker would hand it on, with our examples for what the operator gives."""
    text = re.sub(r"\$\{(\w+)(:[^}]*)?\}", lambda found: GIVEN.get(found[1], ""), str(value))
    return text.replace("/run/secrets", str(folder))


def test_the_parts_of_production() -> None:
    assert set(SERVICES) == {"postgresql", "redis", "prepare", "web", "room", "worker"}
    assert set(OURS) == {"prepare", "web", "room", "worker"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_read_and_every_required_one_is_given(name: str) -> None:
    given = {variable(each) for each in OURS[name]["environment"]} - FOREIGN

    assert given - variables.known() == set()
    assert variables.required() - given == set()


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_are_files_that_the_service_gets(name: str) -> None:
    service = SERVICES[name]
    read = {value for key, value in service.get("environment", {}).items() if key.endswith("_FILE")}

    assert read == {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert not any("PASSWORD" in key and not key.endswith("_FILE") for key in service.get("environment", {}))


def started(given: dict[str, object], names: list[str], folder: Path, shown: str) -> tuple[str, str]:
    """What the settings show, and complain of, when they are given this and these secrets."""
    for name in names:
        (folder / name).write_text(GIVEN[name])
    environment = {key: filled_in(value, folder) for key, value in given.items()} | {
        "BALINT_DATA": str(folder / "data")
    }
    program = f"from balint.settings import *; print({shown})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=bare_environment() | environment, capture_output=True, text=True
    )
    return done.stdout, done.stderr


def test_the_settings_start_with_what_it_gives(tmp_path: Path) -> None:
    web = OURS["web"]

    said = started(web["environment"], web["secrets"], tmp_path, "PRODUCTION, DATABASES['default']['HOST'], TURN_URLS")

    assert said == ("True postgresql ()\n", "")


def test_with_the_relay_the_room_node_starts_too(tmp_path: Path) -> None:
    room, more = OURS["room"], WITH_TURN["services"]["room"]
    given, secrets = room["environment"] | more["environment"], [*room["secrets"], *more["secrets"]]

    assert started(given, secrets, tmp_path, "TURN_URLS, len(TURN_SECRET)") == (f"('{GIVEN['TURN_URL']}',) 48\n", "")
    assert {variable(each) for each in more["environment"]} <= variables.known()


def test_the_relay_knows_what_it_must_and_is_open_on_one_port() -> None:
    relay = WITH_TURN["services"]["turn"]
    script = (ROOT / "deploy" / "turnserver.sh").read_text()
    (port,) = relay["ports"]

    assert set(re.findall(r"\$\{([A-Z_]+):\?", script)) == set(relay["environment"])
    assert relay["environment"]["MEDIA_ADDRESS"] == OURS["room"]["environment"]["MEDIA_ADDRESS"]
    files = {value for name, value in relay["environment"].items() if name.endswith("_FILE")}
    assert files == {f"/run/secrets/{name}" for name in relay["secrets"]}
    assert set(relay["secrets"]) == set(WITH_TURN["secrets"])
    assert port.endswith(":443:5349")
    assert "\ntls-listening-port=5349\n" in (ROOT / "deploy" / "turnserver.conf").read_text()


def test_only_the_media_port_is_open_to_the_world() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {
        "web": ["127.0.0.1:8000:8000"],
        "room": ["127.0.0.1:8001:8001", "8002:8002/udp", "8002:8002/tcp"],
    }


@pytest.mark.parametrize("name", ["prepare", "room"])
def test_commands_and_their_options_exist(name: str) -> None:
    python, program, command, *options = OURS[name]["command"]

    assert (python, program) == ("python", "manage.py")
    parser = load_command_class(get_commands()[command], command).create_parser(program, command)
    assert parser.parse_args(options)


def test_ports_agree_with_the_commands() -> None:
    settings = OURS["room"]["environment"]

    assert OURS["web"]["command"][OURS["web"]["command"].index("-p") + 1] == str(settings["PORT"])
    assert OURS["room"]["command"][OURS["room"]["command"].index("--port") + 1] == str(settings["ROOM_PORT"])
    assert OURS["room"]["command"][OURS["room"]["command"].index("--media-port") + 1] == str(settings["MEDIA_PORT"])


def test_every_lasting_part_says_how_it_is() -> None:
    lasting = {name for name, service in SERVICES.items() if service.get("restart") == "unless-stopped"}

    assert {name for name, service in SERVICES.items() if "healthcheck" in service} == lasting
    assert lasting == set(SERVICES) - {"prepare"}


def test_the_image_is_hashed_and_runs_without_rights() -> None:
    lines = OURS["web"]["build"]["dockerfile_inline"].splitlines()

    assert lines[-1] == "USER balint"
    assert any("--require-hashes --only-binary :all: -r requirements.lock" in line for line in lines)
    for service in [*OURS.values(), WITH_TURN["services"]["turn"]]:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_images_are_named_for_the_version() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)

    assert version
    assert OURS["web"]["image"] == f"balint:{version[1]}"
    assert WITH_TURN["services"]["turn"]["image"] == f"balint-turn:{version[1]}"
