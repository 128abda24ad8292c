"""One page to read, one door to write."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET, require_POST

from examples.services.chat_page import MINE, REFUSED, Shown, and_mine, mine, page, told
from examples.services.django_chat.models import Post
from sekisho_sender.at_hand import Refused


def latest(known: Collection[str] = ()) -> list[Shown]:
    """The newest posts; `known`: numbers of records that their reader knows."""
    return [shown(post, known) for post in Post.objects.order_by("-pk")[:50]]


def shown(post: Post, known: Collection[str]) -> Shown:
    record = post.sender_record_id() if known else ""
    return Shown(str(post.pk), post.author, post.body, post.times_opened(), record if record in known else "")


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    return HttpResponse(page(latest(mine(request.COOKIES))))


@require_POST
def post(request: HttpRequest) -> HttpResponse:
    """No login, so no cookie to protect: any site may send this form, as any person may."""
    said = told(dict(request.POST.lists()))
    if said is None:
        return HttpResponse(page(latest()), status=400)
    try:
        kept = Post(author=said[0], body=said[1])
        kept.save()
    except Refused:
        return HttpResponse(page(latest(), REFUSED), status=503)
    response = HttpResponseRedirect("/")
    response.status_code = 303
    response.set_cookie(MINE, and_mine(kept.sender_record_id(), request.COOKIES), httponly=True, samesite="Strict")
    return response
