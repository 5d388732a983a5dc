"""`vaultc model check`: how long a prompt a model reads reliably, measured with the text of this vault."""

from __future__ import annotations

import hashlib
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.indexing import freshen
from vaultc.app.models.context_outcome import ContextCheckOutcome, ServedContext
from vaultc.app.models.opening import open_bare
from vaultc.app.session import Session
from vaultc.core.digest import digest_bytes, digest_json
from vaultc.core.errors import ModelError, UsageError
from vaultc.core.source import VaultPath
from vaultc.core.strict_json import NotJsonError, parse_object
from vaultc.disk.policy import Root, expanded
from vaultc.disk.write import append_line, read_bytes, remove, write_atomic
from vaultc.evaluation.check import ContextCheck
from vaultc.evaluation.haystack import Pool
from vaultc.evaluation.plan import (
    DEPTHS,
    LANGUAGES,
    QUICK_DEPTHS,
    QUICK_SAMPLES,
    SAMPLES,
    Plan,
    checked_samples,
    chosen,
    depths_of,
    lengths_up_to,
)
from vaultc.evaluation.result import results_from
from vaultc.evaluation.tasks import TASKS
from vaultc.index.catalog import open_catalog
from vaultc.model.prompt import load_prompt
from vaultc.model.window import FOLDER, Window, WindowStore, window_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vaultc.core.event import Report
    from vaultc.disk.state import StateDir
    from vaultc.evaluation.result import Measured, Result
    from vaultc.index.catalog import Catalog
    from vaultc.model.protocols import ChatModel, ModelSpec

_OUT_NAME, _ENDINGS = "context", ("png", "json")
_WRITTEN = f"{FOLDER}/written.json"  # which maps outside the state are ours, by their paths and digests
VERSION = 1
"""Of the tasks and their scoring: results of another version are not mixed with those of this one."""
_SEAL = ', "seal": "'
_PARAGRAPHS = re.compile(r"\n\s*\n")
_ROPE = ("rope.freq_base", "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length")


@dataclass(frozen=True, slots=True)
class ContextCheckOptions:
    """What is asked, and where the map is written; 0 and empty stand for what the mode says, None for the state."""

    longest: int = 0
    shortest: int = 0
    samples: int = 0
    depths: int = 0
    seed: int = 0
    tasks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    is_quick: bool = False
    starts_anew: bool = False
    stops_at_failure: bool = False
    out: Path | None = None


class ModelCheck:
    """A check on its way: `run` measures, `outcome` writes and gives what there is, also after an interrupt."""

    def __init__(self, session: Session, catalog: Catalog, model: ChatModel, options: ContextCheckOptions) -> None:
        self._session = session
        self._model = model
        self._options = options
        self._started = time.monotonic()
        self._pools = _pools(catalog, options.languages)
        self._plan = _plan(options, model.spec, tuple(self._pools))
        self._file = f"{FOLDER}/{_key(model.spec)}"
        if options.starts_anew and not session.state.is_read_only:
            remove(session.state.root, f"{self._file}.jsonl")
        kept = read_bytes(session.state.root, f"{self._file}.jsonl") or b""
        self._known = results_from("\n".join(self._ours(kept.decode("utf-8", "replace"))), options.seed)
        self._check = ContextCheck(
            model,
            self._pools,
            self._plan,
            self._known,
            self._keep,
            time.monotonic,
            session.report,
            options.stops_at_failure,
        )

    def run(self, report: Report) -> ContextCheckOutcome:
        """Ask everything that is not known yet, and keep the window. Raises ModelError."""
        self._check.report = report
        self._check.run()
        return self.outcome(is_finished=True)

    def outcome(self, *, is_finished: bool = False) -> ContextCheckOutcome:
        """Give what is measured so far, and write the map; a window follows from a whole check only."""
        measured = self._check.measured
        window, not_kept = self._window(measured, is_finished=is_finished)
        known = sum(trial in self._known for trial in measured.results)
        outcome = ContextCheckOutcome(
            self._model.spec.name,
            _served(self._model.spec, self._options),
            measured,
            window,
            not_kept,
            (),
            known,
            time.monotonic() - self._started,
        )
        return self._written(outcome) if measured.results else outcome

    def _window(self, measured: Measured, *, is_finished: bool) -> tuple[Window | None, str]:
        reason = "the check was not finished; run it again to go on" if not is_finished else self._plan.unfit()
        if not reason and self._session.state.is_read_only:
            reason = "the state cannot be written"
        if not reason and not measured.results:
            reason = "nothing was measured"
        if reason:
            return None, reason
        spec = self._model.spec
        tried = max(cell.tokens for cell in measured.cells)
        store = WindowStore(self._session.state.root, self._session.seal)
        return store.put(spec, Window(measured.window_tokens, tried, spec.name)), ""

    def _keep(self, result: Result) -> None:
        if not self._session.state.is_read_only:
            body = result.as_line(self._plan.seed).removesuffix("}")
            line = f'{body}{_SEAL}{self._session.seal.mark(self._use, body.encode())}"}}'
            append_line(self._session.state.root, f"{self._file}.jsonl", line)

    @property
    def _use(self) -> tuple[str, str]:
        return "check", self._file

    def _ours(self, text: str) -> Iterator[str]:
        """Give the lines that a check on this machine wrote: a window follows from them."""
        for line in text.split("\n"):
            body, _, mark = line.removesuffix('"}').rpartition(_SEAL)
            if self._session.seal.bears(self._use, body.encode("utf-8", "surrogatepass"), mark):
                yield body + "}"

    def _written(self, outcome: ContextCheckOutcome) -> ContextCheckOutcome:
        from vaultc.evaluation.picture import png_of

        state, out = self._session.state, self._options.out
        if out is None and state.is_read_only:
            return outcome
        root = state.root if out is None else _out_root(out)
        name = self._file if out is None else _OUT_NAME
        outcome = replace(outcome, files=tuple(str(root.path / f"{name}.{ending}") for ending in _ENDINGS))
        document = json.dumps({"version": 1, **outcome.as_json()}, ensure_ascii=False, indent=1)
        picture = png_of(outcome.measured, [*outcome.lines(), *outcome.verdict()[-1:]])
        data = dict(zip(_ENDINGS, (picture, document.encode("utf-8", "surrogatepass")), strict=True))
        if out is not None:
            _require_ours(state, root)
            _keep_written(state, root, data)
        for ending in _ENDINGS:
            write_atomic(root, f"{name}.{ending}", data[ending])
        return outcome


@dataclass
class OpenedCheck:
    """A vault and a model, opened for one check; use it in a `with` block."""

    session: Session
    catalog: Catalog
    model: ChatModel
    check: ModelCheck

    @classmethod
    def open(
        cls, vault: Path | None, flags: Mapping[str, object], options: ContextCheckOptions, report: Report
    ) -> OpenedCheck:
        """Open the vault and the model that the settings name; nothing is loaded yet.

        Raises:
            UsageError: there is no model, or what is asked for cannot be checked.
            ModelError: what was named is no model.
        """
        session = Session.open(vault, flags, report)
        if options.out is not None:  # before an hour of a model, not after it
            _require_ours(session.state, _out_root(options.out))
        freshen(session)
        catalog = open_catalog(session.state.catalog)
        try:
            model = open_bare(session, context_tokens=options.longest)
            if model is None:
                raise UsageError("there is no model to check", hint="name a GGUF with --model or VAULTC_MODEL")
            return cls(session, catalog, model, ModelCheck(session, catalog, model, options))
        except BaseException:  # nobody else closes it yet
            catalog.close()
            raise

    def __enter__(self) -> ModelCheck:
        return self.check

    def __exit__(self, *_: object) -> None:
        self.model.close()
        self.catalog.close()


def _out_root(out: Path) -> Root:
    return Root(expanded(out).absolute())


def _require_ours(state: StateDir, root: Root) -> None:
    """Raise UsageError where a map stands below `root` that is not as an earlier check of this vault wrote it."""
    known = _written(state)
    for ending in _ENDINGS:
        name = f"{_OUT_NAME}.{ending}"
        there = read_bytes(root, name) if root.path.is_dir() else None
        if there is not None and digest_bytes(there) not in known.get(str(root.path / name), ()):
            raise UsageError(
                f'"{root.path / name}" is there, and not as `vaultc model check` wrote it',
                hint="move it away, or name another folder by --out",
            )


def _keep_written(state: StateDir, root: Root, data: Mapping[str, bytes]) -> None:
    """Note before they are written which maps are ours; those they replace are, too, should we be killed between."""
    if state.is_read_only:
        return
    known = _written(state)
    for ending, content in data.items():
        path = str(root.path / f"{_OUT_NAME}.{ending}")
        known[path] = [*known.get(path, ())[-1:], digest_bytes(content)]
    write_atomic(state.root, _WRITTEN, json.dumps(known).encode("ascii"), mode=0o600)


def _written(state: StateDir) -> dict[str, list[str]]:
    try:
        known = parse_object(read_bytes(state.root, _WRITTEN) or b"{}")
    except NotJsonError:
        return {}
    return {path: digests for path, digests in known.items() if isinstance(digests, list)}


def _plan(options: ContextCheckOptions, spec: ModelSpec, languages: tuple[str, ...]) -> Plan:
    samples = options.samples or (QUICK_SAMPLES if options.is_quick else SAMPLES)
    depths = options.depths or (QUICK_DEPTHS if options.is_quick else DEPTHS)
    return Plan(
        lengths_up_to(options.longest or spec.context_tokens, options.shortest),
        depths_of(depths),
        chosen(options.tasks, TASKS, "task"),
        languages,
        checked_samples(samples),
        options.seed,
    )


def _pools(catalog: Catalog, asked: tuple[str, ...]) -> dict[str, Pool]:
    """Give the person's own notes by language; a language asked for must have some. Raises UsageError."""
    wanted = chosen(asked, LANGUAGES, "language")
    notes: dict[str, list[str]] = {}
    for record in catalog.notes.records():
        if not record.is_generated and record.length:
            notes.setdefault(record.language, []).append(record.path)

    def read(path: str) -> list[str]:
        chunks = catalog.notes.chunks_of(VaultPath(path))
        return [part.strip() for chunk in chunks for part in _PARAGRAPHS.split(chunk.text) if part.strip()]

    missing = [language for language in wanted if language not in notes]
    if missing and (asked or len(missing) == len(wanted)):
        raise UsageError(f'the vault has no notes in language "{missing[0]}"', hint="choose another with --lang")
    return {language: Pool(language, tuple(notes[language]), read) for language in wanted if language in notes}


def _key(spec: ModelSpec) -> str:
    """Give the name of the file with the results: of the model as it was opened, and of what it is asked."""
    prompts = [load_prompt(f"context_{language}").digest for language in LANGUAGES]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", spec.name).strip(".-")[:60] or "model"
    return f"{name}-{hashlib.blake2b(digest_json([VERSION, window_key(spec), prompts]).encode()).hexdigest()[:12]}"


def _served(spec: ModelSpec, options: ContextCheckOptions) -> ServedContext:
    kv_type = "/".join(dict.fromkeys(str(spec.settings[key]) for key in ("type_k", "type_v") if key in spec.settings))
    loras = tuple(str(lora) for lora in spec.settings.get("loras", ()))
    return ServedContext(options.longest or spec.context_tokens, spec.context_tokens, kv_type, loras, _rope(spec))


def _rope(spec: ModelSpec) -> dict[str, Any]:
    """Give how the positions of a GGUF are scaled, as its header says; empty where there is no such file."""
    from vaultc.model.file.gguf import read_header

    path = Path(spec.path) if spec.path else None
    if path is None or not path.is_file():
        return {}
    with suppress(ModelError):
        header = read_header(path)
        values = {name: header.values.get(f"{header.architecture}.{name}") for name in _ROPE}
        return {name: value for name, value in values.items() if value is not None}
    return {}
