"""Every code that is kept has its words, and no two have the same."""

from sessions.bands import Band
from sessions.templatetags.cases import band_name, case_kinds, kind_names
from sessions.vocabulary import CaseKind, Difficulty
from sessions.words import BANDS, CASE_KINDS, OF_A_MEMBER, OF_THE_GROUP, OF_THE_SURROUNDINGS


def test_every_code_has_words_of_its_own() -> None:
    assert [code for code, _ in case_kinds()] == list(CASE_KINDS) == list(CaseKind)
    assert [*OF_A_MEMBER, *OF_THE_GROUP, *OF_THE_SURROUNDINGS] == list(Difficulty)
    assert list(BANDS) == list(Band)
    for words in (CASE_KINDS, OF_A_MEMBER, OF_THE_GROUP, OF_THE_SURROUNDINGS, BANDS):
        assert len({str(each) for each in words.values()}) == len(words)


def test_the_domains_lists_are_whole() -> None:
    assert (len(CASE_KINDS), len(OF_A_MEMBER), len(OF_THE_GROUP), len(OF_THE_SURROUNDINGS)) == (14, 12, 9, 4)


def test_codes_are_said_in_words_in_the_order_of_the_list() -> None:
    assert [str(each) for each in kind_names(["dying", "third_party"])] == [
        "A third party: family, insurer, employer, social services",
        "Dying",
    ]
    assert str(band_name(Band.NONE)) == "not at all"
