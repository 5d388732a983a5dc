"""What Hugging Face's hub says of a model: which files, how large, with which digest.

Names of files come from outside: they are checked as any path before anything is written under them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from vaultc.core.errors import ModelError, UsageError
from vaultc.model.remote.wire import Wire, WireError

if TYPE_CHECKING:
    from collections.abc import Sequence

HUB = "https://huggingface.co"
_NAME = re.compile(
    r"(?P<repo>[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@(?P<revision>[\w.-]{1,100}))?(?::(?P<quant>[\w.-]{1,40}))?",
    re.ASCII,
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SPLIT = re.compile(r"(?<=.)-(?P<number>\d{5})-of-(?P<total>\d{5})\.gguf\Z", re.IGNORECASE)
_NEXT = re.compile(r'<([^<>]+)>\s{0,9};\s{0,9}rel="next"')
_MOST_PAGES = 50
_SHOWN_CHOICES = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched: a repository, a revision of it, and which of its models by quantisation or file."""

    repo: str
    revision: str = "main"
    quant: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository, with the digest that its content must have."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one model (several where it is split), at one commit."""

    repo: str
    commit: str
    files: tuple[HubFile, ...]


def wanted_model(name: str, file: str = "") -> Wanted:
    """Read `owner/repository[@revision][:quantisation]`. Raises UsageError."""
    found = _NAME.fullmatch(name.strip().removeprefix(HUB + "/").rstrip("/"))
    if found is None or ".." in name:
        raise UsageError(
            f'"{name}" is not the name of a model on the hub',
            hint="give owner/repository, and a quantisation behind a colon: `owner/model-GGUF:Q8_0`",
        )
    return Wanted(found["repo"], found["revision"] or "main", found["quant"] or "", file)


def find_model_files(wire: Wire, wanted: Wanted) -> Found:
    """Ask the hub which files the wanted model has.

    The revision is pinned to its commit, so that the parts of a split model belong together.

    Raises:
        ModelError: the hub does not answer, does not give it, or has no such model.
        UsageError: several models fit; the message lists them.
    """
    about = _ask(wire, f"/api/models/{wanted.repo}/revision/{quote(wanted.revision, safe='')}", wanted)
    commit = str(about.get("sha", "")) if isinstance(about, dict) else ""
    if not _COMMIT.fullmatch(commit):
        raise ModelError(f"{wire.endpoint} does not say which commit {wanted.repo} is at")
    listed: list[Any] = []
    page: str | None = f"/api/models/{wanted.repo}/tree/{commit}?recursive=true"
    for _ in range(_MOST_PAGES):
        if page is None:
            break
        answer, page = _ask_page(wire, page, wanted)
        listed += answer if isinstance(answer, list) else []
    return Found(wanted.repo, commit, _choose(wanted, [file for row in listed if (file := _gguf(row)) is not None]))


def file_path(found: Found, file: HubFile) -> str:
    """Give the path at the hub under which a file is downloaded."""
    return f"/{found.repo}/resolve/{found.commit}/{quote(file.path)}"


def explain(error: WireError, what: str, *, code: str = "", has_token: bool = False) -> ModelError:
    """Give the words for a refusal of the hub; `code` is what it says in `X-Error-Code`."""
    if code == "GatedRepo" or error.status in {401, 403}:
        hint = (
            "accept its terms on the hub's page with the account whose token this is"
            if has_token
            else "it may be gated, private or misspelt: put a token into a file of mode 600 and give --token-file FILE"
        )
        return ModelError(f"the hub does not give {what} ({error})", hint=hint)
    if error.status == 404:
        return ModelError(f"the hub has no {what} ({error})", hint="check the name, the revision and the file")
    if error.status == 429:
        return ModelError(f"the hub asks to wait ({error})", hint="what was fetched is kept: run the same later")
    return ModelError(f"{what} could not be fetched: {error}", hint="what was fetched is kept: run the same again")


def _ask(wire: Wire, path: str, wanted: Wanted) -> Any:  # noqa: ANN401 - any JSON value
    return _ask_page(wire, path, wanted)[0]


def _ask_page(wire: Wire, path: str, wanted: Wanted) -> tuple[Any, str | None]:
    import json

    what = f"model {wanted.repo}@{wanted.revision}"
    code = ""
    try:
        with wire.open("GET", path) as reply:
            if 300 <= reply.status < 400:
                to = urlsplit(reply.header("location")).path.removeprefix("/api/models/")
                name = "/".join(to.split("/")[:2])
                raise ModelError(f'{wanted.repo} is now called "{name[:200]}"', hint="pull it under that name")
            code = reply.header("x-error-code")
            reply.require()
            data, after = reply.read(), _NEXT.search(reply.header("link"))
        parts = urlsplit(after[1]) if after else None
        return json.loads(data), (f"{parts.path}?{parts.query}" if parts else None)
    except WireError as error:
        raise explain(error, what, code=code, has_token=wire.has_key) from error
    except ValueError as error:
        raise ModelError(f"{wire.endpoint} gave no JSON for {what}: is it a hub?") from error


def _gguf(row: object) -> HubFile | None:
    """Give a model file of a listing; a file without a digest (no LFS) is none."""
    if not isinstance(row, dict) or row.get("type") != "file" or not str(row.get("path", "")).lower().endswith(".gguf"):
        return None
    lfs = row.get("lfs")
    digest = str(lfs.get("oid", "")).removeprefix("sha256:") if isinstance(lfs, dict) else ""
    size = lfs.get("size") if isinstance(lfs, dict) else None
    if not _SHA256.fullmatch(digest) or not isinstance(size, int) or size <= 0:
        return None
    return HubFile(str(row["path"]), size, digest)


def _choose(wanted: Wanted, files: Sequence[HubFile]) -> tuple[HubFile, ...]:
    models = _models(files)
    if not models:
        raise ModelError(f"{wanted.repo} holds no GGUF file", hint="look for a repository whose name ends in -GGUF")
    if wanted.file:
        fitting = {key: parts for key, parts in models.items() if any(part.path == wanted.file for part in parts)}
    elif wanted.quant:
        sign = re.compile(rf"(?<![A-Za-z0-9]){re.escape(wanted.quant)}(?![A-Za-z0-9_])", re.IGNORECASE)
        fitting = {key: parts for key, parts in models.items() if sign.search(key)}
    else:
        fitting = models
    if not wanted.file and len(fitting) > 1:  # what is no model of its own: a projector for pictures
        fitting = {key: parts for key, parts in fitting.items() if "mmproj" not in key.lower()} or fitting
    if len(fitting) != 1:
        shown = fitting or models
        lines = [f"  {key}  {size_text(sum(part.size for part in parts))}" for key, parts in sorted(shown.items())]
        said = "several models fit" if fitting else "no such model is there"
        raise UsageError(
            f"{wanted.repo}: {said}:\n" + "\n".join(lines[:_SHOWN_CHOICES]),
            hint="name the quantisation behind a colon, or the file by --file",
        )
    return next(iter(fitting.values()))


def _models(files: Sequence[HubFile]) -> dict[str, tuple[HubFile, ...]]:
    """Group the parts of split models; a model that lacks a part is left out."""
    groups: dict[str, list[HubFile]] = {}
    totals: dict[str, int] = {}
    for file in sorted(files, key=lambda file: file.path):
        split = _SPLIT.search(file.path)
        key = f"{file.path[: split.start()]}.gguf" if split else file.path
        groups.setdefault(key, []).append(file)
        totals[key] = int(split["total"]) if split else 1
    return {key: tuple(parts) for key, parts in groups.items() if len(parts) == totals[key]}


def size_text(size: int) -> str:
    """Give "31.4 GB", in the units in which disks and the hub count."""
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size:,} bytes"
