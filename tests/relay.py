"""Debian's coturn as deploy/ starts it: only ports, certificate, secret and addresses are the test's own."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from launcher.services import free_port
from tests.processes import ROOT

SECRET = "a relay's secret of at least thirty-two characters"
USERS = Path("/var/lib/turn/turndb")  # coturn asks it for further secrets, also when it has one
START_S, STOP_S = 15.0, 10.0


def missing() -> str:
    """Why there can be no relay here; '' if there can."""
    if shutil.which("turnserver") is None:
        return "coturn is not installed"
    return "" if os.access(USERS, os.R_OK) else f"{USERS} is for coturn and root only"


@dataclass(frozen=True)
class RunningRelay:
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"turns:localhost:{self.port}?transport=tcp"


@contextlib.contextmanager
def running_relay(folder: Path, media_address: str, *words: str) -> Iterator[RunningRelay]:
    """A relay on 127.0.0.1 that relays from there to `media_address`; more words are options of turnserver."""
    folder.mkdir()
    certify(folder)
    (folder / "secret").write_text(f"{SECRET}\n")
    relay = RunningRelay(free_port(), folder / "log")
    environment = os.environ | {
        "MEDIA_ADDRESS": media_address,
        "RELAY_ADDRESS": "127.0.0.1",
        "TURN_SECRET_FILE": str(folder / "secret"),
        "TURN_CERT_FILE": str(folder / "cert.pem"),
        "TURN_KEY_FILE": str(folder / "key.pem"),
        "TMPDIR": str(folder),
    }
    options = ["--listening-ip=127.0.0.1", f"--tls-listening-port={relay.port}", *words]
    with relay.log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", str(ROOT / "deploy" / "turnserver.sh"), *options],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_port(relay, process)
        yield relay
    finally:
        process.terminate()
        process.wait(STOP_S)


def wait_for_port(relay: RunningRelay, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, relay.log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", relay.port), timeout=1):
            return
        assert time.monotonic() < deadline, relay.log.read_text()
        time.sleep(0.05)


def certify(folder: Path) -> None:
    """A certificate for localhost that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
