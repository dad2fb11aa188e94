"""PURE: what leaders may tick of a case and of a session. Codes; their words are the templates'.

Kinds of case after Table 1 of the Australian Family Physician's article on Balint groups; difficulties after Kjeldmand
and Holmstroem, Br J Gen Pract 2010, Box 1.
"""

from enum import StrEnum


class CaseKind(StrEnum):
    PSYCHOSOMATIC = "psychosomatic"
    PHYSICAL_AND_PSYCHOLOGICAL = "physical_and_psychological"
    DIFFICULT_INTERACTION = "difficult_interaction"
    THIRD_PARTY = "third_party"
    MENTAL_HEALTH = "mental_health"
    NONCOMPLIANCE = "noncompliance"
    HEARTSINK = "heartsink"
    MULTIPLE_REFERRALS = "multiple_referrals"
    DEMANDING = "demanding"
    CHILD_ABUSE = "child_abuse"
    DRUG_SEEKING = "drug_seeking"
    LIFE_THREATENING = "life_threatening"
    DYING = "dying"
    BEREAVEMENT = "bereavement"


class Difficulty(StrEnum):
    """A code says its family first."""

    MEMBER_APPROVAL = "member_approval"
    MEMBER_NEEDS = "member_needs"
    MEMBER_MENTAL_HEALTH = "member_mental_health"
    MEMBER_EMPATHISING = "member_empathising"
    MEMBER_VULNERABILITY = "member_vulnerability"
    MEMBER_FAMILY = "member_family"
    MEMBER_ABODE = "member_abode"
    MEMBER_SEX = "member_sex"
    MEMBER_CULTURE = "member_culture"
    MEMBER_SPECIALTY = "member_specialty"
    MEMBER_WORKLOAD = "member_workload"
    MEMBER_TIME = "member_time"
    GROUP_SECRECY = "group_secrecy"
    GROUP_FRAMES = "group_frames"
    GROUP_CHANGE_OF_LEADER = "group_change_of_leader"
    GROUP_DUAL_RELATIONS = "group_dual_relations"
    GROUP_RIVALRY = "group_rivalry"
    GROUP_INTERVENTIONS = "group_interventions"
    GROUP_ANTIPATHY = "group_antipathy"
    GROUP_HIDDEN_AGENDAS = "group_hidden_agendas"
    GROUP_SCAPEGOAT = "group_scapegoat"
    SURROUNDINGS_ECONOMY = "surroundings_economy"
    SURROUNDINGS_ACCEPTANCE = "surroundings_acceptance"
    SURROUNDINGS_PARADIGM = "surroundings_paradigm"
    SURROUNDINGS_OBLIGATORY = "surroundings_obligatory"
