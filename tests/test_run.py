"""`./balint.sh run`: three processes that come up together, come back when they die, and go together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from django.db import connection

from tests.processes import NODE, ROOT, WEB, WORKER, App, bare_environment, own_database, running_app, wait_for


@pytest.fixture(scope="module")
def services() -> Iterator[Mapping[str, str]]:
    """What the tests themselves stand on: PostgreSQL and Redis, with a database of our own; else nothing."""
    if connection.vendor != "postgresql":
        yield {}
        return
    with own_database("run", redis=5) as found:
        yield found


@pytest.fixture(scope="module")
def app(services: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with running_app(tmp_path_factory.mktemp("run") / "data", "--no-demo", settings=services) as running:
        yield running


def is_healthy(app: App) -> bool:
    try:
        with urllib.request.urlopen(f"{app.url}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], app: App) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, app.log.read_text()
        time.sleep(0.1)


def test_every_part_answers(app: App) -> None:
    assert is_healthy(app)


REPORT = """
import time
from django.utils import timezone
from analysis.models import Report
from balint import demo
from balint.foundation import jobs
from surveys.models import Trial

demo.load(timezone.now())
job = jobs.start(Report.KIND, Trial.objects.order_by("created_at").first().pk)
deadline = time.monotonic() + 60
while job.is_open and time.monotonic() < deadline:
    time.sleep(0.2)
    job.refresh_from_db()
print(job.state, job.error_code, job.attempts, bytes(Report.objects.get().pdf[:4]).decode())
"""


def test_the_worker_computes_a_report(app: App) -> None:
    assert app.manage("shell", "-v0", "-c", REPORT).split() == ["done", "1", "%PDF"]


KILLED = """
import os, signal, time
from datetime import timedelta
from django.utils import timezone
from analysis.models import Report
from balint.foundation import jobs
from balint.foundation.models import Job
from surveys.models import Trial

def wait(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, (job.state, job.percent)
        time.sleep(0.01)
        job.refresh_from_db()

job = jobs.start(Report.KIND, Trial.objects.order_by("created_at").first().pk)
wait(lambda: job.state == "running" and job.percent > 0)
os.kill({worker}, signal.SIGKILL)
dead = Job.objects.filter(pk=job.pk, state="running")
assert dead.update(lease_until=timezone.now() - timedelta(seconds=1))  # as it would be some seconds later
wait(lambda: job.attempts == 2 and 0 < job.percent < 100)
wait(lambda: not job.is_open)
print(job.state, job.percent, job.attempts, Report.objects.filter(job=job).count())
"""


def test_a_worker_killed_in_the_middle_of_a_report_takes_it_up_again(app: App) -> None:
    said = app.manage("shell", "-v0", "-c", KILLED.format(worker=app.part(WORKER)))

    assert said.split() == ["done", "100", "2", "1"]
    wait_until(lambda: is_healthy(app), app)


@pytest.mark.parametrize(("word", "name"), [(WEB, "web server"), (NODE, "room node"), (WORKER, "worker")])
def test_a_part_that_dies_is_started_again_and_said_so(app: App, word: str, name: str) -> None:
    before = app.part(word)

    os.kill(before, signal.SIGKILL)

    wait_for(app.log, f"The {name} stopped (signal SIGKILL); it is started again in 0.5 s.", app.process)
    wait_until(lambda: app.part(word) not in (0, before), app)
    wait_until(lambda: is_healthy(app), app)


def test_a_second_start_on_the_same_port_names_port_and_option(app: App, tmp_path: Path) -> None:
    port = app.url.rpartition(":")[2]

    said = refused(tmp_path, "--port", port)

    assert said == f"Port {port} cannot be used (Address already in use). Choose another with --port.\n"


def test_a_busy_media_port_names_its_option(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", 0))
        port = busy.getsockname()[1]

        said = refused(tmp_path, "--port", "0", "--room-port", "0", "--media-port", str(port))

    assert said == f"Port {port} cannot be used (Address already in use). Choose another with --media-port.\n"


def refused(data: Path, *words: str) -> str:
    """What `run` says on standard error when it does not start."""
    command = [sys.executable, "-m", "launcher.run", "--data", str(data), *words]
    done = subprocess.run(command, cwd=ROOT, env=bare_environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_ctrl_c_stops_all_and_leaves_no_orphan(app: App) -> None:
    wait_until(lambda: len(app.processes()) == 5, app)  # launcher, web server, room node, worker and its beat

    assert app.stop() == 0

    assert app.processes() == {}


def test_without_the_demo_it_says_how_to_begin(app: App) -> None:
    assert "./balint.sh manage operator YOUR-EMAIL" in app.log.read_text()
