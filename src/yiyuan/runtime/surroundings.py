"""What a process of ours finds in its environment (环境变量): database, keys, home, path to the code.

In: the database's addresses and the city's folders. Out: variables for a child, or for ourselves.
"""

import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from yiyuan.kernel.scope import WHOLE_CITY
from yiyuan.runtime.binaries import without_server_variables
from yiyuan.runtime.database import CHECKED, DatabaseUrls
from yiyuan.runtime.places import CHECKOUT, Places, find_places, make_private, short_name
from yiyuan.runtime.secrets import load_keys

SETTINGS_MODULE = "yiyuan.config.settings"
# Whose rows a process sees by itself: the site nobody's, until a person has signed in; a command the city's.
COUNTIES = "YIYUAN_COUNTIES"
NOTHING = ""


def process_environment(urls: DatabaseUrls) -> dict[str, str]:
    """Return the environment of the web server, the worker and Django's commands; makes keys on first use.

    :raises WrongKeysError: when the keys are not those of the city's data.
    """
    places = find_places()
    make_private(places.uploads)
    # A child of ours was given its keys by whoever loaded them.
    is_child = urls.cluster is None and CHECKED in os.environ
    keys = {} if is_child else load_keys(places.secrets, key_marks(urls, places))
    inherited = without_server_variables() if urls.cluster else dict(os.environ)
    return inherited | keys | urls.environment() | own_variables(str(places.home)) | {COUNTIES: NOTHING}


def key_marks(urls: DatabaseUrls, places: Places) -> Path:
    """Return the file with the marks of the keys this database's data is written with."""
    if urls.cluster is not None:
        return urls.cluster.folder / "keys.json"
    # Of a server of the user's own we cannot keep it beside the data; one home may serve several databases.
    parts = conninfo_to_dict(urls.application)
    server = "/".join(str(parts.get(name, "")) for name in ("host", "port", "dbname"))
    return places.home / f"keys-{short_name(Path(server))}.json"


def own_variables(home: str) -> dict[str, str]:
    """Return the variables that say where the code and the city are."""
    return {
        "YIYUAN_HOME": home,
        "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE,
        "PYTHONPATH": str(CHECKOUT / "src"),
        "PYTHONUTF8": "1",
    }


def enter(urls: DatabaseUrls, *, as_owner: bool = False) -> None:
    """Make this process one that may use Django: set its own environment, as application or as owner."""
    os.environ.update(process_environment(urls) | {COUNTIES: WHOLE_CITY})
    if as_owner:
        os.environ["DATABASE_URL"] = urls.owner
