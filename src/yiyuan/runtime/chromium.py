"""Where this machine's Chromium is (浏览器), for the tests that drive the site as people do.

In: `CHROMIUM`, else the path. Out: a program, or none.
"""

import os
import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the path of a Chromium that can be started; none where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)
