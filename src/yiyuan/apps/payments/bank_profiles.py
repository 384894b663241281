"""Which bank's form a batch has (银行格式): the profiles of `banks/`, and those that files were made by.

In: the name of a profile, or a batch. Out: the profile; of a released batch the very one it went out by.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.timezone import localtime

from yiyuan.apps.payments.errors import ProfileFaulty
from yiyuan.apps.payments.models import Batch, KeptProfile
from yiyuan.exchange.bank.loading import list_profiles, load_profile, read_profile
from yiyuan.exchange.bank.profile import BankProfile
from yiyuan.exchange.bank.sending import OrderLine, Sending
from yiyuan.exchange.bank.writing import build_files
from yiyuan.exchange.errors import UnreadableFile

GENERAL = "general"


def list_bank_profiles() -> list[tuple[str, str]]:
    """Return name and title of the profiles that can be used, the general one first; faulty ones not."""
    found = []
    for name in list_profiles(Path(settings.BANKS)):
        try:
            found.append((name, get_bank_profile(name).title))
        except ProfileFaulty:
            continue
    return sorted(found, key=lambda one: (one[0] != GENERAL, one[0]))


def get_bank_profile(name: str) -> BankProfile:
    """Return a profile as it stands in `banks/` now.

    :raises ProfileFaulty: there is none of this name, or its file has faults; the text lists them.
    """
    return _load(name)[0]


def make_files(
    batch: Batch, lines: list[OrderLine], released_at: datetime, only: str = ""
) -> dict[str, bytes]:
    """Return the files of a batch by the ending of their names, by the profile it went out by, if it did.

    `only` names the one file that is wanted; empty means all.

    :raises ProfileFaulty: the profile is faulty, or an order does not fit into its file.
    """
    sending = Sending(batch.number, localtime(released_at).date(), lines)
    try:
        return build_files(sending, _profile_of(batch), only)
    except UnreadableFile as error:
        raise ProfileFaulty(str(error)) from error


def keep_profile(batch: Batch) -> None:
    """Freeze the profile a batch goes out by, with the batch; its name and sha256 stand with the batch."""
    profile, content = _load(batch.bank_profile)
    KeptProfile.objects.get_or_create(
        sha256=profile.sha256, defaults={"name": profile.name, "content": content.decode("utf-8")}
    )
    batch.profile_sha256 = profile.sha256


def _profile_of(batch: Batch) -> BankProfile:
    if not batch.profile_sha256:
        return get_bank_profile(batch.bank_profile)
    kept = KeptProfile.objects.get(sha256=batch.profile_sha256)
    return read_profile(kept.content.encode("utf-8"), kept.name)


def _load(name: str) -> tuple[BankProfile, bytes]:
    try:
        return load_profile(Path(settings.BANKS), name)
    except UnreadableFile as error:
        raise ProfileFaulty(str(error)) from error
