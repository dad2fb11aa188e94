"""Debian's Firefox, driven over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/): one browser with one page.

Its page has the few words of Playwright's that tests/browser/devices.py needs. Only functions are evaluated.
"""

import contextlib
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from launcher.services import firefox

START_S, ANSWER_S, STOP_S = 60.0, 30.0, 10.0
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PREFERENCES: dict[str, bool | int | str] = {
    # A page that may use camera and microphone, and media on a machine without a network.
    "media.navigator.permission.disabled": True,
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    "media.peerconnection.ice.loopback": True,
    # Without a sound card an AudioContext would never begin.
    "media.cubeb.force_mock_context": True,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "dom.min_background_timeout_value": 4,
    "dom.timeout.enable_budget_timer_throttling": False,
    # Nobody else is asked for anything.
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
}


class BidiError(Exception):
    """The browser refused a command, or a script in the page threw."""


class FirefoxPage:
    """`faults` are the errors of its scripts so far."""

    def __init__(self, socket: ClientConnection, base_url: str) -> None:
        self._socket, self._base_url, self._commands = socket, base_url, 0
        self.faults: list[str] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self._context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command. Raises BidiError, TimeoutError."""
        self._commands += 1
        self._socket.send(json.dumps({"id": self._commands, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=ANSWER_S))
            if message.get("method") == "log.entryAdded" and message["params"]["type"] == "javascript":
                self.faults.append(message["params"]["text"])
            if message.get("id") == self._commands:
                if message["type"] == "error":
                    raise BidiError(message["message"])
                return dict(message["result"])

    def add_cookie(self, name: str, value: str) -> None:
        host = urlsplit(self._base_url).hostname
        cookie = {"name": name, "value": {"type": "string", "value": value}, "domain": host, "path": "/"}
        self.ask("storage.setCookie", cookie=cookie)

    def add_init_script(self, script: str) -> None:
        """For the documents of the app only: others, such as an empty one, have no devices."""
        ours = f"location.origin === {json.dumps(self._base_url)}"
        self.ask("script.addPreloadScript", functionDeclaration=f"() => {{ if ({ours}) {{ {script} }} }}")

    def goto(self, path: str) -> None:
        self.ask("browsingContext.navigate", context=self._context, url=f"{self._base_url}{path}", wait="complete")

    def evaluate(self, function: str, argument: object = None) -> Any:
        """What the function returns, or what it promises, as JSON can say it."""
        call = f"async () => JSON.stringify(await ({function})({json.dumps(argument)})) ?? 'null'"
        done = self.ask(
            "script.callFunction",
            functionDeclaration=call,
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        if done["type"] == "exception":
            raise BidiError(done["exceptionDetails"]["text"])
        return json.loads(done["result"]["value"])

    def shows(self, selector: str) -> bool:
        """Whether there is such an element now; not while one document follows another."""
        try:
            return bool(self.evaluate("selector => document.querySelector(selector) !== null", selector))
        except BidiError:
            return False

    def click(self, selector: str) -> None:
        """On every element that is found."""
        self.evaluate("selector => document.querySelectorAll(selector).forEach((each) => each.click())", selector)

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)


@contextlib.contextmanager
def running_firefox(folder: Path, base_url: str) -> Iterator[FirefoxPage]:
    """With a profile of its own in the folder. In the end no script may have broken."""
    folder.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("\n".join(lines))
    words = [firefox() or "firefox-esr", "--headless", "--no-remote", "--profile", str(folder)]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*words, "--remote-debugging-port", "0", "about:blank"],
            env=os.environ | {"HOME": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"{listening(log, process)}/session"
        with connect(address, proxy=None, max_size=None, open_timeout=START_S) as socket:
            page = FirefoxPage(socket, base_url)
            yield page
            page.ask("browser.close")
        assert not page.faults, page.faults
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S if process.poll() is None else 0)
        process.kill()
        process.wait()


def listening(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_S
    while not (found := LISTENING.search(log.read_text(errors="replace"))):
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.05)
    return found[1]
