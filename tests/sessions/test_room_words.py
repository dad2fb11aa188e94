"""The sentences that the room's scripts look up by name: each name that can come has one."""

import re

from django.conf import settings

from sessions import protocol
from sessions.room import MOVES
from sessions.state import Phase
from sessions.templatetags.when import PHASES

WORDS = (settings.BASE_DIR / "templates" / "sessions" / "room_words.html").read_text()


def names(of: str) -> set[str]:
    part = WORDS.split(f'data-words-of="{of}"')[1].split("</template>")[0]
    return set(re.findall(r'data-(?:say|scene|act-words)="(\w+)"', part))


def test_every_refusal_has_a_sentence():
    assert names("refused") == {*protocol.REFUSALS, "other"}


def test_every_move_has_a_button():
    assert {f"move_{phase}" for ahead in MOVES.values() for phase in ahead} - names("act") == set()


def test_every_step_has_a_name():
    assert list(PHASES) == list(Phase)
