"""Drafts that come by the site (上传的草案): kept as they came, checked, laid out to be tried, put in place.

In: an upload and who sends it. Out: a `Draft` with every finding of its check; a directory for as long as it
is looked at; the draft's files beside the versions in force, from where two persons put them in force.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from django.db import connection

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.schemes.adopting import FAULTS_TOLD, MAY_PUT_IN_FORCE
from yiyuan.apps.schemes.errors import (
    AlreadyInForce,
    HasFaults,
    NothingInForce,
    RoleMissing,
    SchemeNotWritable,
)
from yiyuan.apps.schemes.models import Adoption, Draft
from yiyuan.apps.schemes.queries import scheme_directory
from yiyuan.apps.schemes.unpacking import SOURCES, scheme_of, unpack, version_of
from yiyuan.kernel.actor import Actor, Role
from yiyuan.rules.checking import ERROR, GOLDEN, WARNING, check_scheme
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import PRODUCT_BASE, load_file
from yiyuan.rules.terms import SchemeVersion

MAY_DRAFT = frozenset({Role.CLERK, Role.APPROVER, Role.ADMINISTRATOR})
PLACE_LOCK = 0x59594453  # advisory lock: two drafts are written into the directory one after the other
FINDINGS_KEPT = 500
SHOWN = 20


@exactly_once()
def record_draft(
    *, uploads: Sequence[tuple[str, bytes]], actor: Actor, occurred_at: datetime, request_key: str
) -> Draft:
    """Keep an uploaded draft with all that its check finds; return it. The same key returns the first one.

    :raises RoleMissing: the actor writes no schemes of the whole city.
    :raises DraftUnreadable: the upload is no draft, or too large.
    """
    _require(MAY_DRAFT, actor)
    if earlier := Draft.objects.filter(request_key=request_key).first():
        return earlier
    files = unpack(uploads)
    draft = Draft(
        scheme=scheme_of(files),
        version=version_of(files),
        files=files,
        sha256=sha256(
            "\0".join(f"{name}\0{text}" for name, text in sorted(files.items())).encode()
        ).hexdigest(),
        uploaded_by=actor.id,
        uploaded_by_name=actor.name,
        uploaded_at=occurred_at,
        request_key=request_key,
    )
    draft.findings = _findings(draft)
    draft.save()
    _note("upload_scheme_draft", draft, actor, occurred_at, request_key)
    return draft


def get_draft(draft_id: int) -> Draft:
    """Return one draft.

    :raises Draft.DoesNotExist: there is none of this number.
    """
    return Draft.objects.get(pk=draft_id)


def list_drafts() -> Sequence[Draft]:
    """Return the newest drafts, without their texts."""
    return list(Draft.objects.defer("files", "findings").order_by("-pk")[:SHOWN])


def is_sound(draft: Draft) -> bool:
    """Return whether the check found no error."""
    return not any(one["severity"] == ERROR for one in draft.findings)


def is_readable(draft: Draft) -> bool:
    """Return whether its rules can be read: it may be compared, tried and replayed, as its cases stand."""
    return not any(
        one["severity"] == ERROR and not str(one["file"]).startswith(f"{GOLDEN}/") for one in draft.findings
    )


@contextmanager
def laid_out(draft: Draft) -> Iterator[Path]:
    """Give a scheme directory with the draft laid over the city's own files, for as long as it is looked at.

    A draft of another scheme lies there alone. Schemes beside the city's are there to be inherited from.
    """
    home = scheme_directory()
    with TemporaryDirectory(prefix="yiyuan-draft-") as folder:
        root = Path(folder)
        target = root / (draft.scheme or "draft")
        target.mkdir()
        for beside in home.parent.iterdir() if home.parent.is_dir() else ():
            if beside.is_dir() and beside.name != target.name:
                (root / beside.name).symlink_to(beside.resolve())
        if draft.scheme == home.name:
            for name in _files_of(home):
                _write(target / name, (home / name).read_bytes())
        for name, text in _placed_files(draft, home).items():
            _write(target / name, text.encode())
        yield target


def load_draft(draft: Draft) -> SchemeVersion:
    """Return the terms of a draft.

    :raises SchemeError: when the draft has faults.
    """
    with laid_out(draft) as directory:
        return load_file(directory / f"{draft.version}.yaml")


@exactly_once()
def place_draft(*, draft_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> Draft:
    """Write a sound draft beside the versions in force, for two persons to put in force; return it.

    Repeating it writes the same. Nothing that is in force changes, neither a version nor a source.

    :raises RoleMissing: the actor may not put a scheme in force.
    :raises HasFaults: the draft has faults, is of another scheme, or changes a source others rest on.
    :raises AlreadyInForce: it holds a version of a day from which another is in force.
    :raises NothingInForce: no version is in force yet.
    :raises SchemeNotWritable: the folder cannot be written to.
    """
    _require(MAY_PUT_IN_FORCE, actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLACE_LOCK])
    draft, home = get_draft(draft_id), scheme_directory()
    _check_placeable(draft, home)
    _note("place_scheme_draft", draft, actor, occurred_at, request_key)
    try:
        for name, text in _placed_files(draft, home).items():
            _write(home / name, text.encode())
    except OSError as error:
        raise SchemeNotWritable(str(home)) from error
    return draft


def _require(roles: frozenset[Role], actor: Actor) -> None:
    if not roles & actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)


def _check_placeable(draft: Draft, home: Path) -> None:
    if draft.scheme != home.name:
        raise HasFaults(f"草案里写的是 scheme: {draft.scheme or '（没有写）'}，本市的是 {home.name}")
    faults = [str(one["text"]) for one in _findings(draft) if one["severity"] == ERROR]
    if faults:
        raise HasFaults("\n".join(faults[:FAULTS_TOLD]))
    in_force = set(
        Adoption.objects.filter(scheme=home.name).exclude(approved_by="").values_list("valid_from", flat=True)
    )
    if not in_force:
        raise NothingInForce(home.name)
    for name, text in draft.files.items():
        day = name.removesuffix(".yaml")
        is_version = "/" not in name and name != SOURCES
        if is_version and date.fromisoformat(day) in in_force:
            if (home / name).is_file() and (home / name).read_bytes() == text.encode():
                continue
            raise AlreadyInForce(day)
    if SOURCES in draft.files and (home / SOURCES).is_file():
        _check_sources((home / SOURCES).read_text("utf-8"), draft.files[SOURCES])


def _check_sources(before: str, after: str) -> None:
    old, new = (yaml.safe_load(text).get("sources") or {} for text in (before, after))
    changed = [name for name in old if new.get(name) != old[name]]
    if changed:
        raise HasFaults(
            f"sources.yaml 里的 {'、'.join(changed)} 改了或没有了，别的版本还在用；新的请另起编号"
        )


def _about_another_scheme(draft: Draft) -> list[dict[str, object]]:
    # Such a draft may be read and tried here, and is never put into the city's directory.
    home = scheme_directory().name
    if draft.scheme == home:
        return []
    written = draft.scheme or "（没有写）"
    text = f"草案里写的是 scheme: {written}，本市的是 {home}：只能看、能试算，不能放进方案目录"
    file = f"{draft.version}.yaml"
    return [{"severity": WARNING, "file": file, "line": None, "clause": None, "text": text}]


def _findings(draft: Draft) -> list[dict[str, object]]:
    with laid_out(draft) as directory:
        report = check_scheme(directory, load_holidays(PRODUCT_BASE.parent / BASE_FILE))
        here = f"{directory}/"
        return _about_another_scheme(draft) + [
            {
                "severity": severity,
                "file": one.file.removeprefix(here),
                "line": one.line or None,
                "clause": one.clause,
                "text": one.message.replace(here, "").replace(f"{directory.parent}/", ""),
            }
            for severity, one in list(report.by_severity())[:FINDINGS_KEPT]
        ]


def _files_of(home: Path) -> list[str]:
    found = [*home.glob("*.yaml"), *home.glob("golden/*.yaml")]
    return sorted(str(file.relative_to(home)) for file in found)


def _placed_files(draft: Draft, home: Path) -> Mapping[str, str]:
    """Return the draft's files by their place; worked cases never take the place of others' cases."""
    placed: dict[str, str] = {}
    for name, text in draft.files.items():
        there = home / name
        is_others = name.startswith("golden/") and draft.scheme == home.name and there.is_file()
        is_kept_apart = is_others and there.read_bytes() != text.encode()
        own = name.replace("golden/", f"golden/{draft.version}-", 1)
        placed[own if is_kept_apart else name] = text
    return placed


def _write(file: Path, content: bytes) -> None:
    # Whoever reads the directory meanwhile sees the old file or the new one, never half of it.
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.half")
    half.write_bytes(content)
    os.replace(half, file)


def _note(verb: str, draft: Draft, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("scheme", draft.scheme),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"version": draft.version, "sha256": draft.sha256, "files": sorted(draft.files)},
    )
