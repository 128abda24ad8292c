"""What a form says of fields that are wrong: by their own labels, in the reader's language, each a link to its field."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from tests.faces.web.conftest import TOKEN
from tests.faces.web.test_pages import ACTING, LANGUAGES, role_for

ALERT = re.compile(r'<div class="alert" role="alert">(.*?)</div>', re.DOTALL)
LINK = re.compile(r'<a href="#([^"]+)">(.*?)</a> – (.+?)</li>')
SENT_AS_THEY_STAND = ("/approve", "/adopt", "/read", "/moves/withdraw", "/moves/silence")
FORMS = [path for path in ACTING if not path.endswith(SENT_AS_THEY_STAND)]


def labels(page: str) -> dict[str, str]:
    """What each field of the page is called: its label, or the legend of its group, without the aside."""
    found = re.findall(r'<label for="([^"]+)">(.*?)</label>', page, re.DOTALL)
    found += re.findall(r'<fieldset id="([^"]+)"><legend>(.*?)</legend>', page, re.DOTALL)
    plain = ((name, re.sub(r'<span class="aside">.*', "", words, flags=re.DOTALL)) for name, words in found)
    return {name: Markup(words).striptags().strip() for name, words in plain}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", FORMS)
def test_an_empty_form_names_each_field_as_its_label_does(
    path: str, language: str, client: TestClient, become: Callable[..., None]
) -> None:
    """The link says what the label says, and the field it leads to is on the page; no name of the code's own is shown."""
    become(role_for(path))
    client.headers["accept-language"] = language
    page = client.get(path)
    answer = client.post(path, data={"csrf": TOKEN.search(page.text)[1]})  # type: ignore[index]  # every form has its token
    assert answer.status_code == 422
    alert = ALERT.search(answer.text)
    assert alert
    said = LINK.findall(alert[1])
    assert said
    assert "<code>" not in alert[1]
    called = labels(answer.text)
    for target, words, reason in said:
        assert f'id="{target}"' in answer.text, target
        assert Markup(words).striptags() == called[target]
        assert reason.strip()

