"""Sealing of identity and account numbers (加密): AES-256-GCM with a key number, and a blind index.

In: plain text. Out: bytes `version | 12-byte nonce | ciphertext and tag`, and a keyed hash for equality.
"""

import hmac
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

KEY_VERSION = b"\x01"
NONCE_BYTES = 12


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(text: str) -> bytes:
    """Return `text` encrypted; twice the same text gives different bytes."""
    nonce = os.urandom(NONCE_BYTES)
    return KEY_VERSION + nonce + _cipher(settings.FIELD_KEY).encrypt(nonce, text.encode(), KEY_VERSION)


def seal_all(texts: Sequence[str]) -> Iterator[bytes]:
    """Yield what `seal` makes of each, with chance drawn once for all of them."""
    encrypt, chance = _cipher(settings.FIELD_KEY).encrypt, os.urandom(NONCE_BYTES * len(texts))
    for place, text in enumerate(texts):
        nonce = chance[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
        yield KEY_VERSION + nonce + encrypt(nonce, text.encode(), KEY_VERSION)


def unseal(sealed: bytes) -> str:
    """Return the plain text of what `seal` made.

    :raises ValueError: the value was made with a key this city does not hold.
    """
    value = bytes(sealed)
    if value[:1] != KEY_VERSION:
        raise ValueError(f"sealed with key {value[:1].hex()}, which is not in use here")
    nonce = value[1 : 1 + NONCE_BYTES]
    return _cipher(settings.FIELD_KEY).decrypt(nonce, value[1 + NONCE_BYTES :], KEY_VERSION).decode()


def blind_index(text: str) -> UUID:
    """Return the keyed hash by which an identity number is found again without being readable."""
    return UUID(hex=blind_index_hex(text))


def blind_index_hex(text: str) -> str:
    """Return `blind_index` as PostgreSQL reads it, for whole files: 32 hexadecimal digits."""
    return hmac.digest(settings.INDEX_KEY, text.encode(), "sha256")[:16].hex()


class SealedTextField(models.BinaryField):  # type: ignore[type-arg]  # its generic form does not exist at run time
    """A text that is readable in Python and sealed in the database."""

    def from_db_value(self, value: Any, *_: object) -> str | None:
        """Return the plain text of a stored value."""
        return None if value is None else unseal(value)

    def get_prep_value(self, value: Any) -> bytes | None:
        """Return what is stored for a text; bytes are taken as sealed already."""
        if value is None or isinstance(value, bytes):
            return value
        return seal(str(value))
