"""A wrong setting stops the start with one sentence that names the remedy; no setting at all is this laptop."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import variables

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "SITE_URL": "https://balint.example.org",
    "SECRET_KEY": "a secret of at least thirty-two characters",
    "MASTER_KEY": "one.master.key.of.more.than.thirty-two.characters",
    "DATABASE_URL": "postgres://balint:hidden@db/balint",
    "REDIS_URL": "redis://redis:6379/0",
    "EMAIL_URL": "smtp+tls://balint:hidden@mail.example.org:587",
    "MEDIA_ADDRESS": "203.0.113.7",
    "ROOM_URL": "wss://balint.example.org/node-1",
}
RELAY = {
    "TURN_URL": "turns:turn.example.org:443?transport=tcp",
    "TURN_SECRET": "another secret of at least thirty-two characters",
}
TURNS = "turns:turn.example.org:443?transport=tcp (several with a comma between them)."
MISSING = {
    "SECRET_KEY": "SECRET_KEY=$(openssl rand -base64 48)",
    "MASTER_KEY": "MASTER_KEY=$(openssl rand -base64 48)",
    "DATABASE_URL": "DATABASE_URL=postgres://balint:secret@db/balint",
    "REDIS_URL": "REDIS_URL=redis://redis:6379/0",
    "EMAIL_URL": "EMAIL_URL=smtp+tls://user:password@mail.example.org:587",
    "MEDIA_ADDRESS": "MEDIA_ADDRESS=203.0.113.7",
    "ROOM_URL": "ROOM_URL=wss://balint.example.org/node-1",
}
SHOWN = [
    "PRODUCTION",
    "DEBUG",
    "ALLOWED_HOSTS",
    "ALLOWED_WEBSOCKET_ORIGINS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_SSL_REDIRECT",
    "DATABASE_URL",
    "EMAIL_BACKEND",
    "TURN_URLS",
]
WRONG = [
    ({"SITE_URL": "balint"}, "SITE_URL=balint is not an address such as https://balint.example.org."),
    ({"SITE_URL": "http://["}, "SITE_URL=http://[ is not an address such as https://balint.example.org."),
    *(
        ({"SITE_URL": address}, f"SITE_URL={address} is not an address such as https://balint.example.org.")
        for address in ("https://*", "https://.example.org", "https://ours@evil.example", "https://a.example:99999")
    ),
    (
        {"SITE_URL": "http://balint.example.org"},
        "SITE_URL must begin with https:// (a browser gives no camera without it).",
    ),
    (
        PRODUCTION | {"SECRET_KEY": "short"},
        "SECRET_KEY is too short. Use at least 32 characters: openssl rand -base64 48.",
    ),
    *(
        (environment, "MASTER_KEY is too short. Use at least 32 characters: openssl rand -base64 48.")
        for environment in (
            {"MASTER_KEY": "short"},
            PRODUCTION | {"MASTER_KEY": f"{PRODUCTION['MASTER_KEY']}\nits.short.predecessor"},
        )
    ),
    (
        PRODUCTION | {"ROOM_URL": "ws://balint.example.org/node-1"},
        "ROOM_URL must begin with wss:// so that nobody on the line can listen.",
    ),
    (PRODUCTION | {"MEDIA_ADDRESS": "balint"}, "MEDIA_ADDRESS=balint is not an IP address such as 203.0.113.7."),
    ({"PUBLIC_ADDRESS": "my laptop"}, "PUBLIC_ADDRESS=my laptop is not an IP address such as 203.0.113.7."),
    ({"PORT": "http"}, "PORT=http is not a port. Use a number from 1 to 65535."),
    ({"ROOM_PORT": "0"}, "ROOM_PORT=0 is not a port. Use a number from 1 to 65535."),
    ({"MEDIA_PORT": "65536"}, "MEDIA_PORT=65536 is not a port. Use a number from 1 to 65535."),
    ({"DATABASE_URL": "mysql://a:b@db/c"}, "DATABASE_URL must look like postgres://user:password@host/name."),
    ({"DATABASE_URL": "postgres://db"}, "DATABASE_URL must look like postgres://user:password@host/name."),
    ({"REDIS_URL": "redis"}, "REDIS_URL must look like redis://host:6379/0."),
    (
        {"EMAIL_URL": "mail.example.org"},
        "EMAIL_URL must look like smtp+tls://user:password@mail.example.org:587.",
    ),
    *(
        (
            {"TURN_URL": address, "TURN_SECRET": RELAY["TURN_SECRET"]},
            f"TURN_URL={address} is not an address such as {TURNS}",
        )
        for address in (
            "turn.example.org",
            "https://turn.example.org",
            "turns:turn.example.org:0",
            "turns:turn.example.org:99999",
            "turns:turn.example.org?transport=udp",
            "turn:a b",
        )
    ),
    (RELAY | {"TURN_URL": f"{RELAY['TURN_URL']},"}, f"TURN_URL= is not an address such as {TURNS}"),
    (RELAY | {"TURN_SECRET": ""}, "TURN_URL and TURN_SECRET belong together. Set both, or neither."),
    (RELAY | {"TURN_URL": ""}, "TURN_URL and TURN_SECRET belong together. Set both, or neither."),
    (
        RELAY | {"TURN_SECRET": "short"},
        "TURN_SECRET is too short. Use at least 32 characters: openssl rand -hex 32.",
    ),
    (
        {"SECRET_KEY_FILE": "/no/such/file"},
        "SECRET_KEY_FILE=/no/such/file cannot be read (FileNotFoundError). Name a readable file.",
    ),
]


def start(environment: dict[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, with no variable of the app but these."""
    ours = {spelling for name in variables.known() for spelling in (name, f"{name}_FILE")}
    rest = {name: value for name, value in os.environ.items() if name not in ours}
    environment = rest | {"BALINT_DATA": str(folder)} | environment
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True)


def refusal(environment: dict[str, str], folder: Path) -> str:
    """Why the settings refuse to be read."""
    done = start(environment, folder, "-c", "import balint.settings")
    assert done.returncode == 1
    return done.stderr.strip().rpartition("\n")[2].removeprefix("django.core.exceptions.ImproperlyConfigured: ")


@pytest.mark.parametrize(("environment", "sentence"), WRONG, ids=[sentence[:44] for _, sentence in WRONG])
def test_a_wrong_value_is_refused_with_its_remedy(environment: dict[str, str], sentence: str, tmp_path: Path) -> None:
    assert refusal(environment, tmp_path) == sentence


@pytest.mark.parametrize(("name", "example"), MISSING.items())
def test_production_refuses_to_start_without(name: str, example: str, tmp_path: Path) -> None:
    environment = {key: value for key, value in PRODUCTION.items() if key != name}

    sentence = f"{name} is missing. Set it (or {name}_FILE), for example {example}."
    assert refusal(environment, tmp_path) == sentence


def test_everything_that_production_requires_is_tried_here() -> None:
    assert set(MISSING) | {"SITE_URL"} == variables.required() == set(PRODUCTION)


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    sentence = refusal({"BALINT_DATA": str(tmp_path / "file" / "data")}, tmp_path)

    assert sentence == f"The folder {tmp_path}/file/data cannot be made (Not a directory). Set BALINT_DATA."


def test_a_command_says_the_sentence_and_nothing_else(tmp_path: Path) -> None:
    done = start({"PORT": "http"}, tmp_path, "manage.py", "check")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Balint does not start: PORT=http is not a port. Use a number from 1 to 65535.\n"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    environment = dict(PRODUCTION)
    (tmp_path / "url").write_text(environment.pop("DATABASE_URL") + "\n")

    found = read(environment | {"DATABASE_URL_FILE": str(tmp_path / "url")}, tmp_path)

    assert found["DATABASE_URL"] == PRODUCTION["DATABASE_URL"]


def test_a_master_key_stands_above_those_it_replaced(tmp_path: Path) -> None:
    keys = [PRODUCTION["MASTER_KEY"], "the.key.before.it.also.of.more.than.thirty-two"]
    (tmp_path / "keys").write_text("\n".join(keys) + "\n")

    found = read({"MASTER_KEY_FILE": str(tmp_path / "keys")}, tmp_path, "MASTER_KEYS")

    assert found["MASTER_KEYS"] == keys


def test_this_laptop_makes_its_master_key_once(tmp_path: Path) -> None:
    first, second = (read({}, tmp_path, "MASTER_KEYS")["MASTER_KEYS"] for _ in range(2))

    assert first == second == [(tmp_path / "master_key").read_text()]
    assert (tmp_path / "master_key").stat().st_mode & 0o777 == 0o600


def test_a_relay_may_have_several_addresses(tmp_path: Path) -> None:
    found = read(RELAY | {"TURN_URL": "turn:[2001:db8::7]:3478?transport=tcp, turns:turn.example.org"}, tmp_path)

    assert found["TURN_URLS"] == ["turn:[2001:db8::7]:3478?transport=tcp", "turns:turn.example.org"]


def test_production_is_strict(tmp_path: Path) -> None:
    found = read(PRODUCTION, tmp_path)

    assert found == {
        "PRODUCTION": True,
        "DEBUG": False,
        "ALLOWED_HOSTS": ["balint.example.org"],
        "ALLOWED_WEBSOCKET_ORIGINS": ["https://balint.example.org"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "DATABASE_URL": PRODUCTION["DATABASE_URL"],
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "TURN_URLS": [],
    }


def test_the_address_is_read_as_browsers_say_it(tmp_path: Path) -> None:
    """They compare letter by letter: any other spelling would refuse every socket."""
    found = read(PRODUCTION | {"SITE_URL": "HTTPS://Balint.Example.org:443/"}, tmp_path)

    assert found["ALLOWED_WEBSOCKET_ORIGINS"] == ["https://balint.example.org"]


@pytest.mark.parametrize("address", ["http://localhost:9000", "http://127.0.0.1", "https://localhost"])
def test_a_site_on_this_computer_is_no_production(address: str, tmp_path: Path) -> None:
    found = read({"SITE_URL": address}, tmp_path)

    assert (found["PRODUCTION"], found["ALLOWED_WEBSOCKET_ORIGINS"]) == (False, [address])


def test_no_environment_is_this_laptop_only(tmp_path: Path) -> None:
    found = read({}, tmp_path, "CELERY_BROKER_TRANSPORT")

    assert found == {
        "PRODUCTION": False,
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1"],
        "ALLOWED_WEBSOCKET_ORIGINS": ["http://localhost:8000", "http://127.0.0.1:8000"],
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_SECURE": False,
        "SECURE_SSL_REDIRECT": False,
        "DATABASE_URL": "",
        "EMAIL_BACKEND": "balint.foundation.mail.ConsoleAndFolder",
        "TURN_URLS": [],
        "CELERY_BROKER_TRANSPORT": "balint.broker:Transport",
    }


def read(environment: dict[str, str], folder: Path, *more: str) -> dict[str, object]:
    """The settings as a process with this environment has them."""
    program = f"""
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "balint.settings"
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {[*SHOWN, *more]!r}}}))
"""
    done = start(environment, folder, "-c", program)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
