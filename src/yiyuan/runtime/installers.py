"""How locked packages come into an environment (安装): by uv, by pip, or by a pip fetched for the purpose.

In: a folder, a lock file with hashes, and the package index the machine's own configuration names. Out: an
environment with exactly those packages. Nothing is compiled, every package comes as a wheel. Standard
library only.
"""

import configparser
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from yiyuan.runtime.places import CHECKOUT
from yiyuan.runtime.progress import Progress, Step

PIP_LOCK = CHECKOUT / "requirements" / "pip.lock"
FIRST_PIP_WITH_PYTHON_OPTION = (22, 3)
DEFAULT_INDEX = "https://pypi.org/simple"
PIP_OPTIONS = (
    *("--require-hashes", "--no-deps", "--only-binary=:all:", "--no-input"),
    *("--disable-pip-version-check", "--no-warn-script-location", "--progress-bar=off"),
)
LAST_LINES = 12


class InstallFailedError(Exception):
    """No installer could make the environment; the text has the last one's own words."""


def install(folder: Path, lock: Path) -> None:
    """Make the environment in the folder, if it has no Python yet, and install the lock file's packages.

    Repeating completes what is missing.

    :raises InstallFailedError: when every installer the machine has fails.
    """
    packages = len(re.findall(r"^[\w.-]+==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    title = f"准备运行环境 (preparing {folder.name}, {lock.name})"
    failure: InstallFailedError | None = None
    with Progress().step(title, total=packages, unit="个包") as step:
        for installer in installers():
            step.done = 0
            try:
                installer(folder, lock, step)
            except InstallFailedError as reason:
                failure = reason
            else:
                step.done = packages
                return
    raise failure or InstallFailedError("没有可用的安装程序 (no installer)")


def installers() -> Iterator[Callable[[Path, Path, Step], None]]:
    """Return the installers this machine has, the quickest first."""
    if shutil.which("uv"):
        yield _by_uv
    if find_spec("venv") is None:
        raise InstallFailedError(
            "这个 Python 没有 venv 模块。Debian/Ubuntu 请安装 python3-venv。 (this Python has no venv module)"
        )
    if _pip_version() >= FIRST_PIP_WITH_PYTHON_OPTION:
        yield _by_the_pip_at_hand
    if find_spec("ensurepip"):
        yield _by_its_own_pip
    yield _by_a_fetched_pip


def _by_uv(folder: Path, lock: Path, step: Step) -> None:
    uv = str(shutil.which("uv"))
    if not _python(folder).exists():
        # The mark of a making lies in the folder already, hence the permission to go on.
        _run(
            [
                uv,
                "venv",
                "--quiet",
                "--no-project",
                "--allow-existing",
                "--python",
                sys.executable,
                str(folder),
            ],
            step,
        )
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--python", str(_python(folder))]
    _run([uv, "pip", "install", *options, "-r", str(lock)], step)


def _by_the_pip_at_hand(folder: Path, lock: Path, step: Step) -> None:
    _make_without_pip(folder, step)
    pip = [sys.executable, "-m", "pip", "--python", str(_python(folder))]
    _run([*pip, "install", *PIP_OPTIONS, "-r", str(lock)], step)


def _by_its_own_pip(folder: Path, lock: Path, step: Step) -> None:
    _run([sys.executable, "-m", "venv", str(folder)], step)
    _run([str(_python(folder)), "-m", "pip", "install", *PIP_OPTIONS, "-r", str(lock)], step)


def _by_a_fetched_pip(folder: Path, lock: Path, step: Step) -> None:
    _make_without_pip(folder, step)
    wheel = fetch_pip(folder, step)
    # A wheel is a zip, and Python runs the packages in it as they are.
    _run([str(_python(folder)), str(wheel / "pip"), "install", *PIP_OPTIONS, "-r", str(lock)], step)
    wheel.unlink()


def _make_without_pip(folder: Path, step: Step) -> None:
    if not _python(folder).exists():
        _run([sys.executable, "-m", "venv", "--without-pip", str(folder)], step)


def fetch_pip(folder: Path, step: Step) -> Path:
    """Fetch the pinned pip from the machine's package index into the folder and return the wheel.

    :raises InstallFailedError: when the index has it not, or has another than the lock file pins.
    """
    number, expected = _pinned_pip()
    name = f"pip-{number}-py3-none-any.whl"
    index = package_index().rstrip("/") + "/pip/"
    step.note = name
    links = re.findall(r'href="([^"]+)"', _read(index).decode("utf-8", "replace"))
    link = next((link for link in links if urllib.parse.urlsplit(link).path.endswith(name)), None)
    if link is None:
        raise InstallFailedError(f"软件源没有 {name}: {index} (not on the package index)")
    content = _read(urllib.parse.urljoin(index, link))
    if hashlib.sha256(content).hexdigest() != expected:
        raise InstallFailedError(f"{name} 与 {PIP_LOCK.name} 的校验值不符,未使用 (wrong checksum): {index}")
    wheel = folder / name
    wheel.write_bytes(content)
    return wheel


def package_index() -> str:
    """Return the index pip would ask: its variable's, else that of the first configuration file with one."""
    named = os.environ.get("PIP_INDEX_URL")
    if named:
        return named
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    chosen = os.environ.get("PIP_CONFIG_FILE")
    files = [Path(chosen)] if chosen else []
    files += [home / "pip/pip.conf", Path("~/.pip/pip.conf").expanduser(), Path("/etc/pip.conf")]
    for file in files:
        settings = configparser.RawConfigParser()
        settings.read(file, encoding="utf-8")
        for section in ("install", "global"):
            if settings.has_option(section, "index-url"):
                return settings.get(section, "index-url")
    return DEFAULT_INDEX


def _read(address: str) -> bytes:
    try:
        try:
            return _open(address, ssl.create_default_context())
        except urllib.error.URLError as refusal:
            if not isinstance(refusal.reason, ssl.SSLCertVerificationError):
                raise
            # A bare system has no certificates yet. What arrives is checked against the pinned checksum.
            unchecked = ssl.create_default_context()
            unchecked.check_hostname = False
            unchecked.verify_mode = ssl.CERT_NONE
            return _open(address, unchecked)
    except (OSError, ValueError) as refusal:
        raise InstallFailedError(
            f"连不上软件源 (package index out of reach): {address}\n    {refusal}"
        ) from refusal


def _open(address: str, context: ssl.SSLContext) -> bytes:
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"not a web address: {address}")
    with urllib.request.urlopen(address, timeout=30, context=context) as answer:  # noqa: S310 (checked above)
        content: bytes = answer.read()
    return content


def _pinned_pip() -> tuple[str, str]:
    found = re.search(r"^pip==(\S+) --hash=sha256:(\w+)$", PIP_LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "the lock file of pip pins one version by its checksum"
    return found.group(1), found.group(2)


def _pip_version() -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in re.findall(r"\d+", version("pip"))[:2])
    except PackageNotFoundError:
        return (0,)


def _run(command: list[str], step: Step) -> None:
    lines: list[str] = []
    environment = os.environ | {"PIP_ROOT_USER_ACTION": "ignore", "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # The lock of the environment goes along; everything else of ours closes by itself.
        close_fds=False,
    ) as installer:
        assert installer.stdout, "its output is a pipe"
        for line in installer.stdout:
            lines.append(line.rstrip())
            if line.startswith("Collecting "):
                step.advance()
                step.note = line.split()[1].split("==")[0]
    step.note = ""
    if installer.returncode:
        words = "\n".join(f"    {line}" for line in lines[-LAST_LINES:])
        raise InstallFailedError(
            f"运行环境没有准备好 (could not prepare the environment): {command[0]}\n{words}"
        )


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"
