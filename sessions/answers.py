"""PURE: every command is answered once: one that comes again gets the same answer and has no second effect."""

from collections import OrderedDict
from collections.abc import Hashable

KEPT = 64  # of each who asks; the oldest go first


class Answers:
    """The code of a refusal, or '', by who asked and the command's id."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, OrderedDict[str, str]] = {}

    def to(self, who: Hashable, command: str) -> str | None:
        """None for a command that is new."""
        return self._codes[who].get(command) if who in self._codes else None

    def keep(self, who: Hashable, command: str, code: str) -> None:
        codes = self._codes.setdefault(who, OrderedDict())
        codes[command] = code
        if len(codes) > KEPT:
            codes.popitem(last=False)

    def forget(self, who: Hashable) -> None:
        self._codes.pop(who, None)
