"""Where a city keeps its things on this machine (存放位置): server data, keys, logs, uploads.

In: the checkout, `YIYUAN_HOME` and who is asking. Out: folders. Standard library only, because the bootstrap
script reads it before anything is installed.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
CITY = "city"
SYSTEM_FOLDER = Path("/var/lib/yiyuan")
SOCKET_PATH_MAX_CHARACTERS = 100


@dataclass(frozen=True)
class Places:
    """The folders of one city; nothing is created by asking."""

    home: Path
    server: Path

    @property
    def secrets(self) -> Path:
        """Keys, readable by their owner alone."""
        return self.home / "secrets"

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.home / "logs"

    @property
    def uploads(self) -> Path:
        """Files people brought."""
        return self.home / "uploads"

    @property
    def processes(self) -> Path:
        """Which processes of the site run, and the lock that allows only one site."""
        return self.home / "processes"


def find_places() -> Places:
    """Return the folders of this checkout's city; safe to repeat, creates nothing.

    As root the server runs as a system user, which must be able to reach its data: when the home is closed to
    others, the server's data alone moves to the system folder and no folder is opened up.
    """
    home = _home()
    if os.geteuid() != 0:
        return Places(home, home)
    apart = SYSTEM_FOLDER / short_name(home)
    # Where data lies, it stays: a home that is closed or opened later must not look like an empty city.
    is_made_here, is_made_apart = (home / CITY).exists(), (apart / CITY).exists()
    if is_made_apart or not (is_made_here or is_reachable_by_others(home)):
        return Places(home, apart)
    return Places(home, home)


def _home() -> Path:
    chosen = os.environ.get("YIYUAN_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return SYSTEM_FOLDER / short_name(CHECKOUT)
    if is_writable(CHECKOUT):
        return CHECKOUT / ".yiyuan"
    data = os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    return Path(data) / "yiyuan" / short_name(CHECKOUT)


def environment_folder() -> Path:
    """Return where the Python environment goes: the checkout, or the home where one is named or needed."""
    if "YIYUAN_HOME" in os.environ or not is_writable(CHECKOUT):
        return _home() / "venv"
    return CHECKOUT / ".venv"


def short_name(folder: Path) -> str:
    """Return a short name that is different for different folders."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def is_writable(folder: Path) -> bool:
    """Return whether files can be made in the folder; root is told the truth about read-only mounts too."""
    return os.access(folder, os.W_OK)


def is_reachable_by_others(folder: Path) -> bool:
    """Return whether any user may pass through the folder and all above it, those that exist."""
    existing = [place for place in (folder, *folder.parents) if place.exists()]
    return all(place.stat().st_mode & stat.S_IXOTH for place in existing)


def make_passable(folder: Path) -> Path:
    """Make the folder and what is missing above it so that others may pass; what exists is left as it is."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        place.chmod(0o755)
    return folder


def make_private(folder: Path) -> Path:
    """Make the folder for its owner alone, or close one of ours that exists; safe to repeat."""
    make_passable(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return folder
