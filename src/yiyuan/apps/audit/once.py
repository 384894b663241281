"""Exactly once (只办一次): a request key belongs to one command and one body, for ever.

In: a command with its keyword arguments. Out: its answer; the audit row keeps, beside the key, a keyed digest
of what was asked. The same key and body find the first answer and change nothing; the same key with another
body, or by another person, is refused. A command done for the first time costs no statement more: its own
audit row carries the digest, and a unique index holds against two at once.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import OperationalError, transaction

from yiyuan.apps.audit.errors import KeyReused
from yiyuan.apps.audit.models import Entry
from yiyuan.kernel.actor import Actor

P = ParamSpec("P")
R = TypeVar("R")
# What a repeat may say otherwise, and what no digest may give away.
NOT_OF_THE_BODY = frozenset({"request_key", "occurred_at", "password", "content_path"})


class AskedKey(str):
    """A request key that knows what was asked under it; keys made from it (`f"{key}:part"`) do not."""

    __slots__ = ("asked_digest", "is_kept")

    asked_digest: str
    is_kept: bool

    @classmethod
    def of(cls, key: str, asked_digest: str) -> "AskedKey":
        """Return a key for a command with this digest, of which no row has been kept yet."""
        made = cls(key)
        made.asked_digest, made.is_kept = asked_digest, False
        return made


def exactly_once(again: Callable[..., Any] | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a command answer a repeat as it answered first, and refuse its key for anything else.

    `again` is given the same keyword arguments and returns the first answer where the command itself could
    not give it any more because what it did has moved on. The command is atomic.

    :raises KeyReused: the key was used for something else, or by somebody else.
    """

    def wrap(command: Callable[P, R]) -> Callable[P, R]:
        @wraps(command)
        def once(*args: P.args, **kwargs: P.kwargs) -> R:
            words: dict[str, Any] = dict(kwargs)
            given = words["request_key"]
            if isinstance(given, AskedKey):
                return command(*args, **kwargs)  # a part of a command that is being asked
            key = words["request_key"] = AskedKey.of(given, digest_of(command.__qualname__, words))
            try:
                with transaction.atomic():
                    answer = command(*args, **words)
            except OperationalError:
                raise  # a database that is away or full cannot be asked what was done
            except Exception:
                # What the first has moved on may refuse its repeat in any app's words, or by an index.
                if not is_repeat(key) or again is None:
                    raise
                earlier: R = again(**words)
                return earlier
            if not key.is_kept:
                is_repeat(key)
            return answer

        return once

    return wrap


def digest_of(name: str, words: Mapping[str, Any]) -> str:
    """Return the digest of a command's name and what it was asked, by whom; the moment does not count.

    It is keyed: without the key nobody can try out which telephone number or account was meant.
    """
    told = json.dumps([name, _keyed(_body(words))], default=_plain, ensure_ascii=False, sort_keys=True)
    return hmac.digest(settings.INDEX_KEY, told.encode(), "sha256").hex()


def is_repeat(key: AskedKey) -> bool:
    """Tell whether this key was used before for the same; False where it never was.

    :raises KeyReused: it was used for something else.
    """
    asked = Entry.objects.filter(request_key=str(key)).exclude(asked_digest="")
    earlier = asked.values_list("asked_digest", flat=True).first()
    if earlier is not None and earlier != key.asked_digest:
        raise KeyReused(str(key))
    return earlier is not None


def nothing(**_words: object) -> None:
    """Answer a repeat of a command that answers nothing."""


def _body(words: Mapping[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in words.items() if word not in NOT_OF_THE_BODY}


def _keyed(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a mapping by texts, all the way down: JSON knows no other keys."""
    return {str(key): _keyed(inner) if isinstance(inner, Mapping) else inner for key, inner in value.items()}


def _plain(value: object) -> object:
    if isinstance(value, Actor):
        return value.id
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return sha256(value).hexdigest()
    if isinstance(value, AbstractSet):
        return sorted(map(str, value))
    if isinstance(value, Path):
        return value.name
    if is_dataclass(value) and not isinstance(value, type):
        return _keyed(_body(asdict(value)))
    if isinstance(value, Mapping):
        return _keyed(value)
    return str(value)
