"""A password drawn for somebody (首次密码): shown once to the administrator, changed by its holder at once.

In: a sign-in and the key of the request. Out: a text for the holder; the same request draws the same one, so
that a double click shows what was kept. It stands nowhere: who loses it is given another one.
"""

import hmac
from hashlib import sha256

from django.conf import settings

# No sign that is read as another one.
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP_SIGNS = 3, 4


def draw_password(username: str, request_key: str) -> str:
    """Return the password of this request."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"drawn:{username}:{request_key}".encode(), sha256)
    number, signs = int.from_bytes(digest), []
    for _ in range(GROUPS * GROUP_SIGNS):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    text = "".join(signs)
    return "-".join(text[start : start + GROUP_SIGNS] for start in range(0, len(text), GROUP_SIGNS))
