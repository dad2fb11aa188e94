"""`./balint.sh run`: the web server, the room node and the worker on this machine, until Ctrl-C."""

import argparse
import os
import socket
import subprocess
import sys
import time

from launcher import health
from launcher.setup import ROOT
from launcher.supervisor import Part, Supervisor, say

MOST_MEMBERS = 8
SLOW_S = 45.0  # after this long without an answer, say what is missing


def arguments(words: list[str]) -> argparse.Namespace:
    environment = os.environ
    parser = argparse.ArgumentParser(prog="./balint.sh run", description=__doc__)
    parser.add_argument("--port", type=int, default=environment.get("PORT") or 8000, help="pages, TCP (8000)")
    parser.add_argument(
        "--room-port", type=int, default=environment.get("ROOM_PORT") or 8001, help="room node, TCP (8001)"
    )
    parser.add_argument(
        "--media-port",
        type=int,
        default=environment.get("MEDIA_PORT") or 8002,
        help="voice and picture (8002)",
    )
    parser.add_argument(
        "--public-address",
        default=environment.get("PUBLIC_ADDRESS", ""),
        metavar="ADDRESS",
        help="listen on all of this machine's addresses; others reach it at this one; without the demo",
    )
    parser.add_argument(
        "--data",
        default=environment.get("BALINT_DATA") or str(ROOT / "var"),
        metavar="FOLDER",
        help="where everything is kept (var)",
    )
    demo = parser.add_mutually_exclusive_group()
    demo.add_argument("--no-demo", action="store_true", help="start without the demo")
    demo.add_argument(
        "--with-members",
        type=int,
        choices=range(1, MOST_MEMBERS + 1),
        default=0,
        metavar="N",
        help=f"1 to {MOST_MEMBERS} synthetic members sit in the demo's circle; the last of {MOST_MEMBERS} can lead it",
    )
    return parser.parse_args(words)


def main() -> None:
    options = arguments(sys.argv[1:])
    host = "0.0.0.0" if options.public_address else "127.0.0.1"  # noqa: S104  asked for by --public-address
    _check_ports(options, host)
    environment = _environment(options)
    with_demo = not options.no_demo and _is_a_laptop(environment)
    if options.with_members and not with_demo:
        raise SystemExit("Synthetic members come to the demo only, and that is loaded only on this laptop's own data.")
    _prepare(environment, with_demo)
    supervisor = Supervisor(_parts(options, host, environment))
    try:
        if _wait_until_ready(supervisor, options.port):
            _welcome(options, environment, with_demo)
        while not supervisor.stopping:
            supervisor.look_after()
            time.sleep(0.2)
    finally:
        say("Stopping ...")
        supervisor.stop()


def _check_ports(options: argparse.Namespace, host: str) -> None:
    for port, option, kind in (
        (options.port, "--port", socket.SOCK_STREAM),
        (options.room_port, "--room-port", socket.SOCK_STREAM),
        (options.media_port, "--media-port", socket.SOCK_DGRAM),
        (options.media_port, "--media-port", socket.SOCK_STREAM),
    ):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or "no such port"
                raise SystemExit(f"Port {port} cannot be used ({reason}). Choose another with {option}.") from None


def _environment(options: argparse.Namespace) -> dict[str, str]:
    """The options, as the variables that the settings read."""
    return {
        **os.environ,
        "BALINT_DATA": os.path.abspath(options.data),
        "PORT": str(options.port),
        "ROOM_PORT": str(options.room_port),
        "MEDIA_PORT": str(options.media_port),
        "PUBLIC_ADDRESS": options.public_address,
    }


def _is_a_laptop(environment: dict[str, str]) -> bool:
    """The demo's password is known to everyone: it is loaded only where nobody else can reach it."""
    names = ("SITE_URL", "DATABASE_URL", "PUBLIC_ADDRESS")
    return not any(environment.get(spelling) for name in names for spelling in (name, f"{name}_FILE"))


def _prepare(environment: dict[str, str], with_demo: bool) -> None:
    words = ["--demo"] if with_demo else []
    if subprocess.run([sys.executable, "manage.py", "prepare", *words], cwd=ROOT, env=environment).returncode:
        raise SystemExit(1)


def _parts(options: argparse.Namespace, host: str, environment: dict[str, str]) -> list[Part]:
    python, data = sys.executable, environment["BALINT_DATA"]
    web = ["daphne", "-v", "0", "-b", host, "-p", str(options.port), "balint.asgi:application"]
    room = ["runroom", "--host", host, "--port", str(options.room_port), "--media-port", str(options.media_port)]
    celery = ["-W", "ignore:You're running the worker with superuser", "-m", "celery", "--quiet", "-A", "balint"]
    worker = ["worker", "--pool=threads", "--concurrency=2", "--loglevel=WARNING", "-B", "-s", f"{data}/beat"]
    members = ["members", "--count", str(options.with_members)]
    return [
        Part("web server", [python, "-m", *web], environment),
        Part("room node", [python, "manage.py", *room], environment),
        Part("worker", [python, *celery, *worker], environment),
        *([Part("synthetic members", [python, "manage.py", *members], environment)] if options.with_members else []),
    ]


def _wait_until_ready(supervisor: Supervisor, port: int) -> bool:
    """True once every part answers; False when asked to stop before."""
    complain_at = time.monotonic() + SLOW_S
    while not supervisor.stopping:
        supervisor.look_after()
        status, body = health.ask(f"http://127.0.0.1:{port}")
        if status == 200:
            return True
        if time.monotonic() > complain_at:
            say(f"Not every part answers yet: {body or 'the web server is silent'}")
            complain_at += SLOW_S
        time.sleep(0.1)
    return False


def _welcome(options: argparse.Namespace, environment: dict[str, str], with_demo: bool) -> None:
    say(f"Balint is ready at {environment.get('SITE_URL') or f'http://localhost:{options.port}'}")
    if options.public_address:
        say(f"Others reach it at http://{options.public_address}:{options.port}")
    if with_demo:
        subprocess.run([sys.executable, "manage.py", "demo", "--print-logins"], cwd=ROOT, env=environment)
    else:
        say("Sign up there; then ./balint.sh manage operator YOUR-EMAIL makes you the operator, who names leaders.")
    say("Ctrl-C stops it.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
