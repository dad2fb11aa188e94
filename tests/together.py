"""At the same moment: real transactions, each on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import ValidationError
from django.db import connection

from surveys.questionnaire import Refused


def together(*actions: Callable[[], object]) -> list[object]:
    """Start all at once, each on a connection of its own; what each returned, or the code of its refusal."""
    gate = Barrier(len(actions))

    def act(action: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            gate.wait()
            return action()
        except (Refused, ValidationError) as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))
