"""The app as SITE_URL starts it: behind a proxy, on PostgreSQL and Redis, its files under hashed names."""

import contextlib
import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from launcher.services import free_port
from tests.processes import ROOT, bare_environment, own_database
from tests.test_settings import PRODUCTION

HOST = "balint.example.org"
IMPORTED = re.compile(r'^(?:import|export)\b[^;]*?"(\.[^"]+)";', re.M)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Site:
    """A production's web server, as the proxy and the containers beside it reach it."""

    port: int
    files: Path
    environment: Mapping[str, str]

    def get(self, path: str, scheme: str = "https", host: str = HOST) -> Answer:
        """What the proxy gets for a browser that came by this scheme."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)) as asking:
            asking.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": scheme})
            answer = asking.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())

    def health(self, part: str) -> int:
        words = ["-m", "launcher.health", f"http://127.0.0.1:{self.port}", part]
        return subprocess.run([sys.executable, *words], cwd=ROOT, env=self.environment).returncode


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, str]]:
    """A database of our own on the PostgreSQL of the tests."""
    if connection.vendor != "postgresql":
        pytest.skip("production is PostgreSQL and Redis: ./balint.sh test starts both")
    with own_database("production", redis=6) as found:
        yield found


@pytest.fixture(scope="module")
def site(services: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data, port = tmp_path_factory.mktemp("production"), free_port()
    environment = bare_environment() | PRODUCTION | services | {"BALINT_DATA": str(data)}
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, check=True)
    words = [
        "-m",
        "daphne",
        "-v",
        "0",
        "-b",
        "127.0.0.1",
        "-p",
        str(port),
        "--proxy-headers",
        "balint.asgi:application",
    ]
    web = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment)
    try:
        made = Site(port, data / "static", environment)
        deadline = time.monotonic() + 60
        while made.health("database"):
            assert web.poll() is None
            assert time.monotonic() < deadline
        yield made
    finally:
        web.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            web.wait(15)
        web.kill()


def test_a_container_learns_how_a_part_is(site: Site) -> None:
    assert [site.health(part) for part in ("database", "worker", "room_node", "tea")] == [0, 1, 1, 1]


def test_pages_come_by_https_and_under_their_own_name_only(site: Site) -> None:
    page, plain = site.get("/"), site.get("/", scheme="http")

    assert (page.status, page.headers["Strict-Transport-Security"]) == (200, "max-age=31536000; includeSubDomains")
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{HOST}/")
    assert site.get("/", host="evil.example").status == 400


def test_files_have_hashed_names_and_are_kept_for_ever(site: Site) -> None:
    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', site.get("/").text))

    assert {Path(path).suffix for path in named} >= {".css", ".svg"}
    for path in named:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", path), path
        answer = site.get(path)
        assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (200, True), path


def test_modules_import_what_is_there_by_its_hashed_name(site: Site) -> None:
    scripts = [file for file in site.files.rglob("js/**/*.js") if re.search(r"\.[0-9a-f]{12}\.js$", file.name)]
    imported = {file.parent / path for file in scripts for path in IMPORTED.findall(file.read_text())}

    assert len(imported) > 10
    assert [path.name for path in imported if not re.search(r"\.[0-9a-f]{12}\.js$", path.name)] == []
    assert [path.name for path in imported if not path.exists()] == []
