"""Pages."""

from __future__ import annotations

from django.urls import path

from examples.services.django_chat.views import post, show

urlpatterns = [path("", show), path("posts", post)]
