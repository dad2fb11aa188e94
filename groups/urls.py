from django.urls import URLPattern, URLResolver, include, path

from groups import views

person = [
    path("leader/name/", views.name_leader, {"named": True}, name="name_leader"),
    path("leader/unname/", views.name_leader, {"named": False}, name="unname_leader"),
]

group = [
    path("edit/", views.edit, name="edit_group"),
    path("invite/", views.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/again/", views.send_again, name="send_invitation_again"),
    path("invitations/<uuid:invitation_id>/withdraw/", views.withdraw, name="withdraw_invitation"),
    path("members/<uuid:membership_id>/end/", views.end_membership, name="end_membership"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("profile/", views.profile, name="profile"),
    path("people/", views.people, name="people"),
    path("people/<uuid:doctor_id>/", include(person)),
    path("groups/new/", views.found, name="found_group"),
    path("groups/<uuid:group_id>/", include(group)),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
