"""Trials, for operators and researchers; answering, for participants."""

from django.urls import include, path

from surveys import answering, views

trial = [
    path("", views.trial, name="trial"),
    path("people/", views.trial_people, name="trial_people"),
    path("people/enrol/", views.enrol, name="trial_enrol"),
    path("people/researcher/", views.name_researcher, name="trial_researcher"),
]

answer = [
    path("", answering.answer, name="answer"),
    path("save/", answering.save, name="answer_save"),
    path("review/", answering.review, name="answer_review"),
    path("send/", answering.send, name="answer_send"),
    path("receipt/", answering.receipt, name="answer_receipt"),
]

urlpatterns = [
    path("trials/", views.trials, name="trials"),
    path("trials/new/", views.trial_new, name="trial_new"),
    path("trials/<uuid:pk>/", include(trial)),
    path("waves/<uuid:pk>/open/", views.wave_open, name="wave_open"),
    path("waves/<uuid:pk>/close/", views.wave_close, name="wave_close"),
    path("answer/<uuid:pk>/", include(answer)),
]
