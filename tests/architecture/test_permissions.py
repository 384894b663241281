"""Every address has its posts (权限矩阵): walked from the resolver, so that an address without them fails."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.builders import make_city, make_staff
from yiyuan.kernel.actor import Actor, Role

OPEN_TO_ALL = {"sign_in", "sign_out", "set_language"}
SAMPLES = {
    "username": "nobody",
    "number": "正阳-医-2019-00001",
    "pk": 1,
    "form": "csv",
    "row": 1,
    "code": "fund",
}
NUMBERED = {
    "run", "run_manifest", "batch", "batch_release", "batch_take_out", "batch_void", "batch_file",
    "batch_check", "batch_take_unchecked",
}  # fmt: skip


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, entry.namespace or namespace)
        else:
            yield namespace, entry


ROUTES = [
    (f"{space}:{route.name}" if space else str(route.name), route) for space, route in routes(get_resolver())
]


def path_of(name: str, route: URLPattern) -> str:
    words = {key: SAMPLES[key] for key in route.pattern.converters}
    if name.split(":")[-1] in NUMBERED:
        words["number"] = 1
    return reverse(name, kwargs=words)


@pytest.mark.parametrize(("name", "route"), ROUTES, ids=[name for name, _ in ROUTES])
def test_every_address_names_its_posts(name: str, route: URLPattern) -> None:
    if name.split(":")[-1] in OPEN_TO_ALL:
        return

    assert getattr(route.callback, "allowed_roles", None), f"{name} names no post"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "route"), ROUTES, ids=[name for name, _ in ROUTES])
def test_other_posts_and_strangers_are_kept_out(name: str, route: URLPattern) -> None:
    if name.split(":")[-1] in OPEN_TO_ALL:
        return
    make_city()
    path, allowed = path_of(name, route), route.callback.allowed_roles  # type: ignore[attr-defined]

    stranger = Client().get(path)
    assert stranger.status_code == 302
    assert "/sign-in/" in stranger.headers["Location"]
    for role in set(Role) - {Role.SYSTEM} - allowed:
        client = Client()
        client.force_login(make_staff(Actor(f"only-{role}", "一岗", frozenset({role}))))
        assert client.get(path).status_code == 403, role
        assert client.post(path).status_code == 403, role
