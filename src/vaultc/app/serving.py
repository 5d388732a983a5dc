"""What a server does for the programs that ask it: a vault and its models, opened once.

Nothing here writes into notes. What programs name is a note of the vault, or a file that a compile wrote: any other
path is refused before the disk is asked whether it is there.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.app.asking import AskSession
from vaultc.app.finding import FindingsOutcome, analyse_vault, placed_findings
from vaultc.app.indexing import freshen, reading, whole_catalog
from vaultc.app.models.embedding import models_of_search
from vaultc.app.models.opening import BRAIN, HAND, RunModels
from vaultc.app.runs import Run
from vaultc.app.searching import SearchOutcome, placed_passages, searching
from vaultc.app.session import Session, state_home
from vaultc.app.tracing import TraceOutcome, place_of, trace_place, unit_maps
from vaultc.core.errors import UsageError
from vaultc.core.event import silent
from vaultc.disk.policy import Root, check_relative
from vaultc.disk.seal import is_private
from vaultc.disk.write import read_bytes, remove, write_atomic
from vaultc.language.stems import stems
from vaultc.retrieve.search import fitted_embedder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vaultc.app.asking import AskOutcome, PlacedSentence
    from vaultc.config import Config
    from vaultc.core.event import Report
    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog
    from vaultc.model.protocols import ChatModel, Embedder

FINDINGS = ("contradictions", "links")
_TOKEN = "serve-token"  # noqa: S105 - the name of a file
_TOKEN_FORM = re.compile(rb"[A-Za-z0-9_-]{43}\n")
_PLACE = re.compile(r"(.+?)(?::(\d{1,9}))?(?::\d{1,9})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """The secret that programs must give, and the file that holds it."""

    path: Path
    secret: str


def serve_token(*, renew: bool = False) -> Token:
    """Give the token of this person's servers, made on first use; with `renew`, a new one.

    The file is readable by its owner only. One that others could read, that somebody else owns or that holds anything
    else is replaced: what was in it may be known.

    Raises:
        VaultError: it cannot be written.
    """
    home = state_home(os.environ)
    home.mkdir(parents=True, exist_ok=True)
    root = Root(home)
    found = None if renew or not is_private(home / _TOKEN) else read_bytes(root, _TOKEN)
    if found is None or not _TOKEN_FORM.fullmatch(found):
        remove(root, _TOKEN)
        write_atomic(root, _TOKEN, secrets.token_urlsafe(32).encode("ascii") + b"\n", mode=0o600)
        found = read_bytes(root, _TOKEN) or b""  # what stands there: another server may have written at the same time
    return Token(home / _TOKEN, found.decode("ascii").strip())


class _Unkept(Run):
    """A run of which nothing is written: what programs say to a model is theirs."""

    def write(self, event: Mapping[str, Any]) -> None:
        """Count the event."""
        self.counts[str(event.get("event"))] += 1


@dataclass(frozen=True, slots=True)
class NoteText:
    """Lines `first` to `last` of a note, of `lines` in all."""

    path: VaultPath
    text: str
    first: int
    last: int
    lines: int

    def as_json(self) -> dict[str, Any]:
        """Give the lines in the form of docs/json.md."""
        return {"path": self.path, "first": self.first, "last": self.last, "lines": self.lines, "text": self.text}


@dataclass
class ServedVault:
    """A vault with its models, open until `close`. Every call brings the index up to date first."""

    session: Session
    flags: Mapping[str, object]
    models: Mapping[str, ChatModel]
    _catalog: Catalog
    _models: RunModels
    _embedder: tuple[str, Embedder] | None = field(default=None)
    _stack: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def open(cls, vault: Path | None, flags: Mapping[str, object], report: Report = silent) -> ServedVault:
        """Open the vault, which must be indexed, and its models; none is loaded before it is asked.

        `report` receives the progress of models at work; what it raises stops them.

        Raises:
            UsageError: no vault is known, or a model named is not there.
            StoreError: the vault was never indexed.
            ModelError: a model cannot be read.
        """
        session = Session.open(vault, flags, report)
        freshen(session)
        catalog = whole_catalog(session)
        models = RunModels(session, _Unkept.start(session.state, "serve", {}))
        opened = (models.of(BRAIN), models.of(HAND))
        by_id = {model_id(model): model for model in opened if model is not None}
        return cls(session, flags, by_id, catalog, models)

    @property
    def root(self) -> Path:
        """The folder of the vault."""
        return self.session.root

    @property
    def config(self) -> Config:
        """The settings in force."""
        return self.session.settings.config

    @property
    def brain(self) -> ChatModel | None:
        """The model that answers for the vault; None where there is none, and answers are extracts."""
        return next(iter(self.models.values()), None)

    def close(self, wait_s: float = 10.0) -> None:
        """Let the models go, at most so long: one that is being loaded hears nothing, and ends with this process."""
        closing = threading.Thread(target=self._close, daemon=True)
        closing.start()
        closing.join(wait_s)

    def _close(self) -> None:
        self._models.close()
        self._stack.close()
        self._catalog.close()

    def _opened(self, report: Report) -> Session:
        session = Session.open(self.root, self.flags, report)
        freshen(session)
        return session

    def ask(self, question: str, model: ChatModel | None, report: Report) -> Iterator[PlacedSentence | AskOutcome]:
        """Answer from the notes: each sentence as it is checked, the outcome last. Closing the iterator stops it."""
        with AskSession.open(question, self.root, self.flags, report, model) as session:
            session.start(report)
            yield from session.sentences()
            yield session.finish()

    def search(self, query: str, *, limit: int, report: Report = silent) -> SearchOutcome:
        """Give the passages that fit `query` best. Raises UsageError for an empty one."""
        if not query.strip():
            raise UsageError("the query is empty")
        session = self._opened(report)

        def read() -> SearchOutcome:
            with whole_catalog(session) as catalog, searching(session, catalog) as searcher:
                return SearchOutcome(query, placed_passages(session, searcher.search(query, limit=limit)))

        return reading(session, read)

    def note(self, name: str, *, first: int = 1, most_chars: int = 40_000, report: Report = silent) -> NoteText:
        """Give the text of a note from line `first` on: whole lines, of at most `most_chars` code points together.

        A line that is longer alone is cut.

        Raises:
            UsageError: it is not a plain path or name, or no note of the vault.
        """
        check_relative(name)
        session = self._opened(report)
        path = session.reader.note_named(name)
        if path is None or path not in session.reader.paths():
            raise UsageError(f'there is no note "{name}"', hint="give its path from the vault, or its name")
        source = session.reader.source(path).file
        count = source.line_count
        if not 1 <= first <= count:
            raise UsageError(f'"{path}" has {count} lines, not {first}')
        last, text = first, source.line_text(first)[:most_chars]
        while last < count and len(text) + 1 + len(line := source.line_text(last + 1)) <= most_chars:
            last, text = last + 1, f"{text}\n{line}"
        return NoteText(path, text, first, last, count)

    def trace(self, place: str, *, report: Report = silent) -> TraceOutcome:
        """Trace `path:line` of a note, or of a file that a compile wrote. Raises UsageError for any other path."""
        found = _PLACE.fullmatch(place)
        name, line = (found[1], found[2] or "1") if found else (place, "1")
        check_relative(name)
        session = self._opened(report)
        note = session.reader.note_named(name)
        if note is not None and note in session.reader.paths():
            return trace_place(f"{session.root / note}:{line}", session.root)
        for unit in unit_maps(session):
            for path in unit.files:
                file = place_of(session, unit, path) if path == name else None
                if file is not None and file.is_file():
                    return trace_place(f"{file}:{line}", session.root)
        raise UsageError(f'nothing is known of "{name}"', hint="give a note, or a file that `vaultc compile` wrote")

    def findings(self, kind: str, *, topic: str = "", report: Report = silent) -> FindingsOutcome:
        """Give the contradictions or missing links of the vault, those about `topic` where it is given."""
        if kind not in FINDINGS:
            raise UsageError(f'there are no findings "{kind[:40]}"', hint=f"ask for one of {', '.join(FINDINGS)}")
        session = self._opened(report)

        def read() -> FindingsOutcome:
            with whole_catalog(session) as catalog:
                found = analyse_vault(session, catalog, kinds=frozenset({kind}))
                return placed_findings(session, found, kind).about(stems(topic))

        return reading(session, read)

    def embedder(self, report: Report = silent) -> Embedder | None:
        """Give the embedder of the vault as it is now; None where the settings want none, or no note holds a word."""
        session = self._opened(report)
        with whole_catalog(session) as catalog:
            fingerprint = catalog.setting("embedder") or ""
            if self._embedder is None or self._embedder[0] != fingerprint:
                found = models_of_search(session, catalog, self._stack)[0] or fitted_embedder(catalog)
                self._embedder = None if found is None else (fingerprint, found)
        return None if self._embedder is None else self._embedder[1]


def model_id(model: ChatModel) -> str:
    """Give the name under which programs ask for a model: its own, without blanks."""
    return "-".join(model.spec.name.split()) or "model"
