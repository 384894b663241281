"""Somebody who works at the desk by HTTP (浏览器里的人), with what a browser keeps: the cookies of a sign-in.

In: addresses and forms. Out: what came back, and whether the page said that it was done.
"""

import http.client
import json
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from uuid import uuid4

from yiyuan.runtime.processes import HOST

SUCCESS = 25  # the level of Django's messages
PATIENCE_SECONDS = 30
Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: where it leads, the texts it says with their levels, the page."""

    status: int
    location: str
    said: Sequence[tuple[int, str]]
    body: bytes

    @property
    def is_done(self) -> bool:
        """Tell whether the page acknowledged the act."""
        return self.status == 302 and any(level == SUCCESS for level, _ in self.said)

    @property
    def text(self) -> str:
        """Return the page as a text."""
        return self.body.decode("utf-8", errors="replace")


class Visitor:
    """One person's browser; it outlives restarts of the site, since sessions stand in the database."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self._port, self.username, self.password = port, username, password
        self._cookies: dict[str, str] = {}

    def sign_in(self) -> "Visitor":
        """Sign in; the cookies stay."""
        self.get("/sign-in/")
        answer = self.post("/sign-in/", [("username", self.username), ("password", self.password)])
        assert answer.status == 302, answer.text
        return self

    def get(self, path: str) -> Answer:
        """Fetch a page.

        :raises OSError, http.client.HTTPException: nobody answered, or the answer was cut off.
        """
        return self._ask("GET", path, b"", "")

    def post(self, path: str, fields: Fields, file: tuple[str, bytes] | None = None) -> Answer:
        """Send a form, with a file as (field, content) where there is one; raises as `get` does."""
        fields = [*fields, ("csrfmiddlewaretoken", self._cookies["csrftoken"])]
        if file is None:
            return self._ask("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")
        mark = uuid4().hex
        parts = [_part(mark, f'name="{name}"', value.encode()) for name, value in fields]
        parts.append(_part(mark, f'name="{file[0]}"; filename="{file[0]}.csv"', file[1]))
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return self._ask("POST", path, body, f"multipart/form-data; boundary={mark}")

    def _ask(self, method: str, path: str, body: bytes, kind: str) -> Answer:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=PATIENCE_SECONDS)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            headers = {"Cookie": cookies, **({"Content-Type": kind} if kind else {})}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        said = self._keep_cookies(response.headers.get_all("Set-Cookie") or [])
        return Answer(response.status, response.headers.get("Location", ""), said, content)

    def _keep_cookies(self, lines: Sequence[str]) -> Sequence[tuple[int, str]]:
        said: Sequence[tuple[int, str]] = ()
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if name == "messages":
                    # Read as soon as it comes and never sent back: each answer carries its own.
                    said = _messages(morsel.value)
                else:
                    self._cookies[name] = morsel.value
        return said


def _part(mark: str, what: str, content: bytes) -> bytes:
    return f"--{mark}\r\nContent-Disposition: form-data; {what}\r\n\r\n".encode() + content + b"\r\n"


def _messages(cookie: str) -> Sequence[tuple[int, str]]:
    packed = cookie.split(":")[0]
    if not packed:
        return ()
    data = packed.removeprefix(".")
    content = urlsafe_b64decode(data + "=" * (-len(data) % 4))
    told = json.loads(zlib.decompress(content) if packed.startswith(".") else content)
    return [(one[2], one[3]) for one in told]
