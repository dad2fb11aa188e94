from django.urls import URLPattern, URLResolver, include, path

from sessions import debrief_views, rehearsal_views, room_views, views

session = [
    path("", views.session, name="session"),
    path("move/", views.move, name="move_session"),
    path("cancel/", views.cancel, name="cancel_session"),
    path("links/<uuid:membership_id>/new/", views.new_link, name="new_link"),
    path("debrief/", debrief_views.debrief, name="debrief"),
    path("join/", room_views.join, name="join"),
    path("room/", room_views.room, name="room"),
    path("node/", room_views.node, name="room_node"),
    path("line/", rehearsal_views.seat_line, name="seat_line"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("groups/<uuid:group_id>/", views.group, name="group"),
    path("groups/<uuid:group_id>/sessions/new/", views.plan, name="plan_session"),
    path("invitations/<str:token>/accept/", views.accept, name="accept_invitation"),
    path("sessions/<uuid:session_id>/", include(session)),
    path("rehearsal/", rehearsal_views.rehearsal, name="rehearsal"),
    path("rehearsal/line/", rehearsal_views.line, name="line"),
    path("s/<str:token>/", views.seat_link, name="seat_link"),
]
