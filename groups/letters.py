"""The mails that groups send."""

import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from balint.foundation.mail import Letter, letter, site_link
from groups.models import Invitation, Membership


@letter("invitation")
def invitation(about: uuid.UUID) -> Letter | None:
    """Nothing is sent once the invitation was accepted or withdrawn."""
    row = Invitation.objects.select_related("group").filter(pk=about).first()
    if row is None or not row.is_open:
        return None
    context = {
        "group": row.group,
        "leaders": [member.doctor.name for member in row.group.members.filter(role__in=Membership.LEADING)],
        "leads": row.role == Membership.Role.CO_LEADER,
        "link": site_link(reverse("invitation", args=[row.token])),
        "until": row.invited_at + row.TERM,
    }
    return Letter(_("An invitation to a Balint group"), "invitation", context)
