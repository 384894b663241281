"""What one page reads again and again (一页之内的读数): asked of the database once while it is answered.

In: functions that read what hardly ever changes and many ask for, such as the city and its calendar. Out:
their first answer, until the page is answered; outside `reading_one_page` every call asks anew.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_kept: ContextVar[dict[object, object] | None] = ContextVar("kept_of_page", default=None)


@contextmanager
def reading_one_page() -> Iterator[None]:
    """Keep what `once_a_page` reads until the end of the block; only where nothing is written meanwhile."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once_a_page(read: Callable[P, R]) -> Callable[P, R]:
    """Return the function, asked once by its arguments within `reading_one_page`."""

    @wraps(read)
    def kept_or_read(*args: P.args, **kwargs: P.kwargs) -> R:
        kept = _kept.get()
        if kept is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(kwargs.items()))
        if key not in kept:
            kept[key] = read(*args, **kwargs)
        found: R = kept[key]  # type: ignore[assignment]  # what this function returned for these arguments
        return found

    return kept_or_read
