"""The words for codes that are kept: kinds of case, difficulties, and how much somebody spoke."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sessions.bands import Band
from sessions.vocabulary import CaseKind, Difficulty

Words = dict[str, Promise]

CASE_KINDS: Words = {
    CaseKind.PSYCHOSOMATIC: _("Psychosomatic symptoms"),
    CaseKind.PHYSICAL_AND_PSYCHOLOGICAL: _("Physical and psychological problems together"),
    CaseKind.DIFFICULT_INTERACTION: _("A difficult interaction"),
    CaseKind.THIRD_PARTY: _("A third party: family, insurer, employer, social services"),
    CaseKind.MENTAL_HEALTH: _("Mental health"),
    CaseKind.NONCOMPLIANCE: _("Advice that is not followed"),
    CaseKind.HEARTSINK: _("Heartsink"),
    CaseKind.MULTIPLE_REFERRALS: _("Many referrals"),
    CaseKind.DEMANDING: _("Demanding"),
    CaseKind.CHILD_ABUSE: _("Child abuse"),
    CaseKind.DRUG_SEEKING: _("Seeking drugs"),
    CaseKind.LIFE_THREATENING: _("Life-threatening illness"),
    CaseKind.DYING: _("Dying"),
    CaseKind.BEREAVEMENT: _("Bereavement"),
}
OF_A_MEMBER: Words = {
    Difficulty.MEMBER_APPROVAL: _("Doubts about the method"),
    Difficulty.MEMBER_NEEDS: _("Needs of their own"),
    Difficulty.MEMBER_MENTAL_HEALTH: _("Mental health"),
    Difficulty.MEMBER_EMPATHISING: _("Feeling with others is hard"),
    Difficulty.MEMBER_VULNERABILITY: _("Vulnerability"),
    Difficulty.MEMBER_FAMILY: _("Family"),
    Difficulty.MEMBER_ABODE: _("Where they live"),
    Difficulty.MEMBER_SEX: _("Sex"),
    Difficulty.MEMBER_CULTURE: _("Cultural background"),
    Difficulty.MEMBER_SPECIALTY: _("Specialty"),
    Difficulty.MEMBER_WORKLOAD: _("Workload"),
    Difficulty.MEMBER_TIME: _("Time"),
}
OF_THE_GROUP: Words = {
    Difficulty.GROUP_SECRECY: _("Secrecy"),
    Difficulty.GROUP_FRAMES: _("The frame"),
    Difficulty.GROUP_CHANGE_OF_LEADER: _("A change of leader"),
    Difficulty.GROUP_DUAL_RELATIONS: _("Dual relations"),
    Difficulty.GROUP_RIVALRY: _("Rivalry"),
    Difficulty.GROUP_INTERVENTIONS: _("Interventions"),
    Difficulty.GROUP_ANTIPATHY: _("Antipathy"),
    Difficulty.GROUP_HIDDEN_AGENDAS: _("Hidden agendas"),
    Difficulty.GROUP_SCAPEGOAT: _("A scapegoat"),
}
OF_THE_SURROUNDINGS: Words = {
    Difficulty.SURROUNDINGS_ECONOMY: _("Money"),
    Difficulty.SURROUNDINGS_ACCEPTANCE: _("Acceptance by others"),
    Difficulty.SURROUNDINGS_PARADIGM: _("How medicine is seen"),
    Difficulty.SURROUNDINGS_OBLIGATORY: _("Taking part is obligatory"),
}
BANDS: Words = {
    Band.NONE: _("not at all"),
    Band.LITTLE: _("little"),
    Band.SOME: _("some"),
    Band.MUCH: _("much"),
}
