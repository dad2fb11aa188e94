"""The questionnaire's pages: one item a screen, saved as given, sent once. With JavaScript and without."""

import uuid

from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from groups.access import doctor_required
from groups.models import Doctor
from surveys import catalogue, questionnaire
from surveys.models import Participant, Response, Wave
from surveys.questionnaire import Question, Refused

REFUSALS = {
    "malformed": (400, _("This could not be read. Load the page again.")),
    "unknown_item": (400, _("This question is not part of the questionnaire. Load the page again.")),
    "out_of_range": (400, _("This answer is not offered here. Choose one of the points.")),
    "not_logged_in": (401, _("Not saved: you are logged out. Log in again, and go on where you were.")),
    "already_sent": (409, _("Your answers were sent already. They cannot change any more.")),
    "closed": (409, _("This questionnaire is closed. Nothing can be saved or sent any more.")),
    "nothing_answered": (409, _("There is nothing to send yet. Answer what you like to answer.")),
}


@doctor_required
def answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The questions. 404 for whoever does not take part; a sent one leads to its receipt."""
    wave, participant = _own(request.user.doctor, pk)
    response = Response.objects.filter(wave=wave, participant=participant).first()
    if response and response.sent_at:
        return redirect("answer_receipt", pk=pk)
    if not wave.is_open:
        return _closed(request, wave)
    if request.method == "POST":
        return _keep(request, wave, participant)
    return _questions(request, wave, response)


def _questions(request: HttpRequest, wave: Wave, response: Response | None, error: str = "") -> HttpResponse:
    given = response.values() if response else {}
    ahead = questionnaire.going_on(given)
    current = questionnaire.find(request.POST.get("item") or request.GET.get("item", "")) or ahead
    if current is None:
        return redirect("answer_review", pk=wave.pk)
    context = {
        "wave": wave,
        "current": current,
        "is_through": ahead is None,
        "screens": [(question, given.get(question.item.id)) for question in questionnaire.questions()],
        "instruments": catalogue.instruments().values(),
        "given": given,
        "saved_at": response and response.answer_set.aggregate(at=Max("saved_at"))["at"],
        "error": error,
    }
    return render(request, "surveys/answer.html", context, status=400 if error else 200)


def _keep(request: HttpRequest, wave: Wave, participant: Participant) -> HttpResponse:
    """One answer by plain form, then the next question."""
    blank = request.POST.get("blank", "")
    question = questionnaire.find(blank or request.POST.get("item", ""))
    value = request.POST.get("value", "")
    try:
        if question is None:
            raise Refused("unknown_item")
        if blank or value:
            Response.record(wave, participant, question, None if blank else _whole(value, question))
    except Refused as refusal:
        response = Response.objects.filter(wave=wave, participant=participant).first()
        return _questions(request, wave, response, error=str(REFUSALS[refusal.code][1]))
    if question.after is None:
        return redirect("answer_review", pk=wave.pk)
    return redirect(reverse("answer", args=[wave.pk], query={"item": question.after.item.id}))


def _whole(text: str, question: Question) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 1):
        raise Refused("out_of_range", question.item.id)
    return int(text)


@require_POST
def save(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """One answer by the page's script: {"saved": "19:04"}, or a code with its sentence."""
    doctor = Doctor.of(request.user)
    try:
        if doctor is None:
            raise Refused("not_logged_in")
        wave, participant = _own(doctor, pk)
        question, value = questionnaire.read_answer(_body(request))
        Response.record(wave, participant, question, value)
    except Refused as refusal:
        status, sentence = REFUSALS[refusal.code]
        return JsonResponse({"code": refusal.code, "item": refusal.item, "message": str(sentence)}, status=status)
    return JsonResponse({"saved": f"{timezone.localtime():%H:%M}"})


def _body(request: HttpRequest) -> bytes:
    """What was sent; nothing if it came as a form, which the search for its token has read."""
    try:
        return request.body
    except RawPostDataException:
        return b""


@require_GET
@doctor_required
def review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is still blank, and the one button that sends."""
    wave, participant = _own(request.user.doctor, pk)
    response = Response.objects.filter(wave=wave, participant=participant).first()
    if response is None:
        return redirect("answer", pk=pk)
    return redirect("answer_receipt", pk=pk) if response.sent_at else _review(request, wave, response)


def _review(request: HttpRequest, wave: Wave, response: Response, error: str = "") -> HttpResponse:
    if not wave.is_open:
        return _closed(request, wave)
    blanks = questionnaire.blanks(response.values())
    last = questionnaire.questions()[-1]
    context = {"wave": wave, "blanks": blanks, "answered": last.of - len(blanks), "of": last.of, "last": last}
    return render(request, "surveys/review.html", context | {"error": error}, status=409 if error else 200)


@require_POST
@doctor_required
def send(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Sent once; whoever presses again gets the same receipt."""
    wave, participant = _own(request.user.doctor, pk)
    response = Response.objects.filter(wave=wave, participant=participant).first()
    if response is None:
        return redirect("answer", pk=pk)
    try:
        response.send()
    except Refused as refusal:
        wave.refresh_from_db()
        return _review(request, wave, response, error=str(REFUSALS[refusal.code][1]))
    return redirect("answer_receipt", pk=pk)


@require_GET
@doctor_required
def receipt(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    wave, participant = _own(request.user.doctor, pk)
    response = get_object_or_404(Response, wave=wave, participant=participant, sent_at__isnull=False)
    context = {"wave": wave, "response": response, "answered": len(response.values())}
    return render(request, "surveys/receipt.html", context | {"of": len(questionnaire.questions())})


def _own(doctor: Doctor, pk: uuid.UUID) -> tuple[Wave, Participant]:
    """The wave and this person's place in its trial; 404 for outsiders, leaders and researchers alike."""
    wave = get_object_or_404(Wave.objects.select_related("trial"), pk=pk)
    return wave, get_object_or_404(Participant, trial=wave.trial, participantlink__doctor=doctor)


def _closed(request: HttpRequest, wave: Wave) -> HttpResponse:
    return render(request, "surveys/closed.html", {"wave": wave})
