"""One page to read, one door to write."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from examples.services.chat_page import REFUSED, Shown, page, told
from examples.services.django_chat.models import Post
from sekisho_sender.at_hand import Refused


def latest() -> list[Shown]:
    return [Shown(str(post.pk), post.author, post.body, post.times_opened()) for post in Post.objects.order_by("-pk")[:50]]


@require_GET
def show(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(page(latest()))


@require_POST
def post(request: HttpRequest) -> HttpResponse:
    """No login, so no cookie to protect: any site may send this form, as any person may."""
    said = told(dict(request.POST.lists()))
    if said is None:
        return HttpResponse(page(latest()), status=400)
    try:
        Post(author=said[0], body=said[1]).save()
    except Refused:
        return HttpResponse(page(latest(), REFUSED), status=503)
    response = HttpResponseRedirect("/")
    response.status_code = 303
    return response
