"""Installing where Python came without pip: the pinned one is fetched from the machine's own index."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from yiyuan.runtime import installers
from yiyuan.runtime.installers import InstallFailedError, fetch_pip, package_index
from yiyuan.runtime.progress import Step

WHEEL = b"a wheel"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
        pass


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = tmp_path / "index"
    (root / "pip").mkdir(parents=True)
    (root / "pip" / "index.html").write_text('<a href="../files/pip-9.9-py3-none-any.whl#sha256=0">pip</a>')
    (root / "files").mkdir()
    (root / "files" / "pip-9.9-py3-none-any.whl").write_bytes(WHEEL)
    lock = tmp_path / "pip.lock"
    lock.write_text(f"pip==9.9 --hash=sha256:{hashlib.sha256(WHEEL).hexdigest()}\n")
    monkeypatch.setattr(installers, "PIP_LOCK", lock)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}")
    yield root
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_pinned_pip_is_fetched(index: Path, tmp_path: Path) -> None:
    wheel = fetch_pip(tmp_path, Step("", None, ""))

    assert wheel.read_bytes() == WHEEL


def test_another_file_of_that_name_is_refused(index: Path, tmp_path: Path) -> None:
    (index / "files" / "pip-9.9-py3-none-any.whl").write_bytes(b"planted")

    with pytest.raises(InstallFailedError, match="校验值不符"):
        fetch_pip(tmp_path, Step("", None, ""))

    assert list(tmp_path.glob("*.whl")) == []


def test_an_index_without_it_is_named(index: Path, tmp_path: Path) -> None:
    (index / "pip" / "index.html").write_text("<html></html>")

    with pytest.raises(InstallFailedError, match=r"http://127\.0\.0\.1:\d+/pip/"):
        fetch_pip(tmp_path, Step("", None, ""))


def test_the_index_is_that_of_pips_own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://mirror.example/simple\n[install]\nno-input = 1\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))

    assert package_index() == "https://mirror.example/simple"
