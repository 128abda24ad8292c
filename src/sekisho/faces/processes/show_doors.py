"""The public pages' desk, over `keep`'s channel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sekisho.desk.cases import door_form
from sekisho.desk.papers import PaperError
from sekisho.faces.web import transparency
from sekisho.faces.web.door_desk import Files, Json


class KeepDoors:
    """`ask` is the console's one way to `keep`: a method and its parameters to the answer, or to {"error": {...}}."""

    def __init__(self, ask: Callable[..., Awaitable[Any]], texts: Path, published: Path, films: Path) -> None:
        self._ask, self._texts, self._published, self.films = ask, texts, published, films

    async def _told(self, method: str, **params: object) -> Json:
        found: Json = await self._ask(method, **params)
        return found

    async def doors(self) -> Json:
        return await self._told("doors")

    async def printed(self, door: Mapping[str, Any], operator: Mapping[str, Any], on: date, language: str) -> Json:
        asked = door_form.DoorForm(door, operator, self._texts, on, language)
        try:
            return {"pdf": await asyncio.to_thread(door_form.carry_out, asked)}
        except door_form.CannotPrint as why:
            return {"error": {"code": why.code}}
        except PaperError:
            return {"error": {"code": "no-words"}}

    async def years(self) -> Sequence[int]:
        return await asyncio.to_thread(transparency.years, self._published)

    async def report(self, year: str) -> Json | None:
        return await asyncio.to_thread(transparency.published, self._published, year)

    async def statements(self) -> Json:
        return await self._told("statements")

    async def knock(self, door: str, facts: Mapping[str, Any], files: Files, language: str) -> Json:
        return await self._told("knock", door=door, facts=facts, files=files, language=language)

    async def my_case(self, number: str, code: str) -> Json:
        return await self._told("my-case", number=number, code=code)

    async def add(self, number: str, code: str, words: str, files: Files) -> Json:
        return await self._told("add-to-case", number=number, code=code, words=words, files=files)

    async def open_inquiry(self, number: str, code: str) -> Json:
        return await self._told("open-inquiry", number=number, code=code)

    async def save_answer(self, number: str, code: str, choice: str, words: str) -> Json:
        return await self._told("save-answer", number=number, code=code, choice=choice, words=words)

    async def send_answer(self, number: str, code: str, choice: str, words: str, files: Files) -> Json:
        return await self._told("send-answer", number=number, code=code, choice=choice, words=words, files=files)

    async def ask_longer(self, number: str, code: str, words: str) -> Json:
        return await self._told("ask-longer", number=number, code=code, words=words)

    async def touched(self, number: str, code: str) -> Json:
        return await self._told("what-touched-me", number=number, code=code)

    async def my_order(self, number: str, code: str) -> Json:
        return await self._told("my-order", number=number, code=code)

    async def answer_order(self, number: str, code: str, words: str, undone: int | None, files: Files) -> Json:
        return await self._told("answer-order", number=number, code=code, words=words, undone=undone, files=files)

    async def opened(self, service: str, record: str) -> Json:
        return await self._told("opened", service=service, record=record)

    async def check_mail(self, code: str, subject: str, sender: str, day: str) -> Json:
        return await self._told("check-mail", code=code, subject=subject, sender=sender, day=day or None)

    async def announced_mails(self) -> Json:
        return await self._told("announced-mails")

    async def one_press(self, code: str) -> Json:
        return await self._told("stop-mail-one-press", code=code)

    async def stop_mail(self, code: str, typed: str) -> Json:
        return await self._told("stop-my-mail", code=code, typed=typed)

    async def mail_again(self, code: str, typed: str) -> Json:
        return await self._told("mail-again", code=code, typed=typed)

    async def hand_in(self, token: str, mailing: Mapping[str, Any], to: Sequence[str]) -> Json:
        return await self._told("hand-in", token=token, mailing=mailing, to=to)

    async def my_mailings(self, token: str) -> Json:
        return await self._told("my-mailings", token=token)

    async def my_port(self, address: str) -> Json:
        return await self._told("my-port", address=address)

    async def line_code(self, address: str) -> Json:
        return await self._told("give-line-code", address=address)

    async def close_my_line(self, address: str) -> Json:
        return await self._told("close-my-line", address=address)

    async def my_filters(self, address: str) -> Json:
        return await self._told("my-filters", address=address)

    async def throw_my_switch(self, address: str, which: str, to: str) -> Json:
        return await self._told("throw-my-switch", address=address, permit=which, to=to)

    async def mail_stands(self, code: str, typed: str) -> Json:
        return await self._told("mail-stands", code=code, typed=typed)

    async def questions(self) -> Sequence[Json]:
        found: Sequence[Json] = await self._ask("questions")
        return found

    async def question(self, which: str) -> Json:
        return await self._told("question", question=which)

    async def ask_code(self, which: str, mail: str, language: str, browser: str, sender: Mapping[str, Any]) -> Json:
        return await self._told("ask-code", question=which, mail=mail, language=language, browser=browser, sender=sender)

    async def answer_question(self, which: str, code: str, do: str, language: str, sender: Mapping[str, Any], browser: str) -> Json:
        return await self._told("answer-question", question=which, code=code, do=do, language=language, sender=sender, browser=browser)

    async def viewing(self, which: str) -> Json:
        return await self._told("viewing", viewing=which)

    async def open_viewing(self, which: str, code: str, *, anew: bool) -> Json:
        return await self._told("open-viewing", viewing=which, code=code, anew=anew)

    async def watch(self, which: str, session: str, *, key: bool) -> Json:
        return await self._told("watch", viewing=which, session=session, key=key)
