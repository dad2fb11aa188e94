"""Who has answered: signs and counts."""

from surveys.models import Participant, Trial, Wave
from surveys.monitor import Cell, Progress, Row, next_step, rows

NOT = Progress(3, 46, False)
SENT = Progress(46, 46, True)


def row(pre: Progress, post: Progress) -> Row:
    return Row(Participant(), pre, post)


def test_each_combination_has_its_sign():
    signs = [row(pre, post).has for pre in (SENT, NOT) for post in (SENT, NOT)]

    assert signs == ["both", "pre", "post", "none"]


def test_a_cell_counts_what_was_sent_and_orders_its_dots():
    cell = Cell([row(NOT, NOT), row(SENT, NOT), row(SENT, SENT), row(SENT, NOT)])

    assert (cell.pre, cell.post) == (3, 1)
    assert cell.dots == ["both", "pre", "pre", "none"]


def test_begun_counts_answers_of_that_wave_only(pre: Wave, participant_max: Participant, answer_all):
    answer_all(pre, participant_max)

    found = {each.participant: (each.pre, each.post) for each in rows(pre.trial)}

    assert found[participant_max] == (Progress(46, 46, False), Progress(0, 46, False))


def test_one_thing_comes_next(trial: Trial, pre: Wave, post: Wave, rae):
    steps = []
    for act in (lambda: None, pre.close, lambda: post.open(rae, waives=True), post.close):
        act()
        pre.refresh_from_db()
        post.refresh_from_db()
        steps.append(next_step(pre, post))

    assert steps == ["", "post", "", "report"]
    assert next_step(Wave(name="pre"), Wave(name="post")) == "pre"
