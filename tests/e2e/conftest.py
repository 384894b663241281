"""The site as a newcomer starts it (真实网站): three processes, a made-up city, a browser for each post."""

import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import launched
from tests.e2e.own_city import TODAY, Crew
from tests.faults.site import RunningSite, kill_everything_of

PEOPLE = 3000
SIGN_IN = re.compile(r"用户名 (\w+)\s+密码 ([\w-]+)")
Enter = Callable[..., Page]


@pytest.fixture(scope="package")
def home() -> Iterator[Path]:
    # Where the database's system user may pass; pytest's own folders are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-journey-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    kill_everything_of(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def site(home: Path) -> Iterator[RunningSite]:
    """One made-up city for every journey in it: who asserts what comes next in it undoes or names its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = RunningSite(home, port, "--people", str(PEOPLE)).wait_until_ready()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="package")
def own_site() -> Iterator[RunningSite]:
    """One empty city for every journey of a city of one's own: each brings people of its own into it."""
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-own-", dir="/tmp"))
    folder.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = RunningSite(folder, port, "--empty", "--today", TODAY).wait_until_ready()
    yield running
    running.stop()
    kill_everything_of(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def crew(own_site: RunningSite, browser: Browser) -> Iterator[Crew]:
    """The people of that city, each with a browser of their own."""
    found = Crew(own_site, browser)
    yield found
    found.leave()


@pytest.fixture
def enter(site: RunningSite, browser: Browser) -> Iterator[Enter]:
    """A function that signs in a member of the invented staff and returns their page."""
    passwords = dict(SIGN_IN.findall(site.said()))
    contexts = []

    def entered(username: str, width: int = 1366, locale: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{site.port}",
            viewport={"width": width, "height": 900},
            locale=locale,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", passwords[username])
        page.press("[name=password]", "Enter")
        page.wait_for_url("/")
        return page

    yield entered
    for context in contexts:
        context.close()
