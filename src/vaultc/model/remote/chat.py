"""`RemoteModel`: a model that a server holds, as a ChatModel: llama-server, vLLM, Ollama, LM Studio and their like.

Nothing is connected before the first question. What a server cannot do is found out by asking it and remembered;
whatever it answers is checked as the answer of any model.
"""

from __future__ import annotations

import contextlib
import math
import re
import time
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, canonical_json, digest_json
from vaultc.core.errors import ModelError
from vaultc.core.event import Report, silent
from vaultc.model.choice import letters_for, with_options
from vaultc.model.protocols import Choice, Generation, ModelSpec, Prompt, Sampling
from vaultc.model.remote import dialect
from vaultc.model.remote.answer import Ending, read_answer
from vaultc.model.remote.disarm import rearm
from vaultc.model.remote.server import RemoteSettings, Server, cannot
from vaultc.model.structured import find_json
from vaultc.model.thinking import CLOSE, OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from vaultc.model.remote.dialect import Form, ServedModel
    from vaultc.model.remote.endpoint import Endpoint
    from vaultc.model.remote.server import Clock
    from vaultc.model.thinking import Piece

_DEFAULT = Sampling()
_BYTES_A_TOKEN = 3
"""The estimate where a server does not count: 3.1 in English and 3.6 in code of a small vocabulary (docs/remote.md)."""
_CHARS_A_TOKEN = 8
"""No vocabulary packs more of a text with no long runs into a token; a server that read fewer cut the prompt off."""
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
_KEPT_COUNTS = 4096
_CHOICE_TOKENS = 16
_THOUGHTFUL_CHOICE_TOKENS = 4096


class RemoteModel:
    """A model behind a server that speaks OpenAI's API."""

    def __init__(
        self,
        endpoint: Endpoint,
        settings: RemoteSettings | None = None,
        *,
        report: Report = silent,
        clock: Clock = time,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            endpoint: the server, as `endpoint` allowed it; without a path, `/v1` is meant.
            settings: how it is asked.
            report: told while the server loads its model.
            clock: waits between attempts.
        """
        self._settings = settings or RemoteSettings()
        self._endpoint = endpoint
        self._server = Server(endpoint, self._settings, report=report, clock=clock)
        self._clock = clock
        self._served: ServedModel | None = None
        self._spec: ModelSpec | None = None
        self._refused: set[tuple[Form, str]] = set()
        self._has_logprobs = True
        self._counts = True
        self._known_counts: OrderedDict[str, int] = OrderedDict()
        self.notes: list[str] = []

    @property
    def spec(self) -> ModelSpec:
        """Which model it is, as its server says. Raises ModelError where that cannot be reached."""
        if self._spec is None:
            self._spec = self._spec_of(self._model())
        return self._spec

    @property
    def counts_exactly(self) -> bool:
        """Whether the server counts tokens; else they are estimated, a token for three bytes."""
        self.count("")
        return self._counts

    def count(self, text: str) -> int:
        """Number of tokens of `text`: the server's where it has `/tokenize`, else an estimate."""
        if (known := self._known_counts.get(text)) is not None:
            return known
        found = self._tokenized(text) if self._counts else None
        if found is None:
            return -(-len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)
        self._known_counts[text] = found
        if len(self._known_counts) > _KEPT_COUNTS:
            self._known_counts.popitem(last=False)
        return found

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = _DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer `prompt`. Raises ModelError; an interrupt closes the connection, which stops the server."""
        if schema is None:
            return self._generate(dialect.chat_request(self._model(), prompt, sampling), prompt, on_text)[0]
        return self._bound(prompt, sampling, schema, on_text)[0]

    def stream(self, prompt: Prompt, sampling: Sampling = _DEFAULT) -> Iterator[str]:
        """Answer `prompt` piece by piece, without the thinking; closing the iterator closes the connection."""
        body = dialect.chat_request(self._model(), prompt, sampling)
        with contextlib.closing(self._answer(body, Ending())) as pieces:
            yield from (rearm(piece) for channel, piece in pieces if channel == "text")

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose among 2 to 26 options: by the probabilities of their letters, else by an answer of one letter.

        In the second case the chosen option has all of the probability.
        """
        letters = letters_for(options)
        asked = with_options(prompt, letters, options)
        if self._has_logprobs:
            scores = self._letter_scores(asked, letters)
            if scores is not None:
                return Choice(max(range(len(scores)), key=scores.__getitem__), scores)
        index = letters.index(self._letter(asked, letters))
        return Choice(index, tuple(float(at == index) for at in range(len(letters))))

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def __enter__(self) -> RemoteModel:
        """Give the model itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    # what the server is

    def _model(self) -> ServedModel:
        if self._served is None:
            listed = self._server.json("GET", "/models")
            served = dialect.served_model(listed, self._settings.served_as, str(self._endpoint))
            if served.kind == "llama-server":
                props = None
                with contextlib.suppress(ModelError):
                    props = self._server.json("GET", "/props", is_own=True)
                served = replace(served, context_tokens=dialect.served_context(props) or served.context_tokens)
            self._served = served
        return self._served

    def _spec_of(self, served: ServedModel) -> ModelSpec:
        context = self._settings.context_tokens or served.context_tokens
        if not context:
            context = dialect.ASSUMED_CONTEXT_TOKENS
            self._note(
                f"{self._endpoint} does not say how long its context is: {context} tokens are assumed; "
                "set `context_tokens` of the model"
            )
        identity = [str(self._endpoint), served.name, served.kind, served.parameters, served.size]
        digest = Digest(self._settings.digest) if self._settings.digest else digest_json(identity)
        told = {"server": str(self._endpoint), "kind": served.kind}
        name = served.name.rpartition("/")[2] if served.name.startswith("/") else served.name  # a path of that machine
        return ModelSpec(name, digest, served.parameters, context, str(self._endpoint), served.kind, told)

    def _tokenized(self, text: str) -> int | None:
        """Ask llama-server or vLLM, whose fields differ and who pass over each other's."""
        if self._model().kind not in {"llama-server", "vllm", "other"}:
            self._counts = False
            return None
        body = {"model": self._model().name, "content": text, "add_special": False, "parse_special": False}
        body |= {"prompt": text, "add_special_tokens": False}
        try:
            answer = self._server.json("POST", "/tokenize", body, is_own=True)
        except ModelError:
            answer = None
        tokens = answer.get("tokens") if isinstance(answer, dict) else None
        if not isinstance(tokens, list):
            self._counts = False
            self._note(f"{self._endpoint} does not count tokens: a token is taken for {_BYTES_A_TOKEN} bytes")
            return None
        return len(tokens)

    # answers

    def _bound(
        self, prompt: Prompt, sampling: Sampling, schema: Mapping[str, Any], on_text: Callable[[str], None] | None
    ) -> tuple[Generation, Ending]:
        """Answer under a schema by the best form that this server takes; one that it does not is not tried again."""
        served = self._model()
        key = canonical_json(schema)
        forms = [form for form in dialect.forms_of(served.kind) if (form, key) not in self._refused] or ["prompt"]
        first: ModelError | None = None
        for form in forms:
            body = dialect.chat_request(served, prompt, sampling, schema=schema, form=form)
            try:
                answer, ending = self._generate(body, prompt, on_text)
            except ModelError as error:
                if form == "prompt" or not cannot(error):
                    raise first or error from error
                first = first or error
                self._refused.add((form, key))
                continue
            if form == "prompt" or on_text is not None or answer.finish == "length" or _is_json(answer.text):
                return answer, ending
            self._refused.add((form, key))  # the server passed over the schema in silence
        raise AssertionError("unreachable: the last form returns or raises")

    def _generate(
        self, body: dict[str, Any], prompt: Prompt, on_text: Callable[[str], None] | None
    ) -> tuple[Generation, Ending]:
        started = self._clock.monotonic()
        said: dict[str, list[str]] = {"thinking": [], "text": []}
        ending = Ending()
        with contextlib.closing(self._answer(body, ending)) as pieces:
            for channel, piece in pieces:
                said[channel].append(piece)
                if channel == "text" and on_text is not None:
                    on_text(rearm(piece))
        self._require_whole(prompt, ending)
        text, thinking = rearm("".join(said["text"])), rearm("".join(said["thinking"])).strip()
        if not thinking and CLOSE in text and OPEN not in text:
            # The template opened the thinking, and the server does not part it from the answer.
            thinking, _, text = text.partition(CLOSE)
            thinking, text = thinking.strip(), text.lstrip("\r\n")
        return Generation(
            text,
            thinking,
            prompt_tokens=ending.prompt_tokens,
            tokens=ending.tokens or self.count(thinking + text),
            finish="length" if ending.finish == "length" else "stop",
            seconds=self._clock.monotonic() - started,
        ), ending

    def _answer(self, body: dict[str, Any], ending: Ending) -> Generator[Piece, None, None]:
        with self._server.opened("POST", "/chat/completions", body) as reply:
            yield from read_answer(reply, ending)

    def _require_whole(self, prompt: Prompt, ending: Ending) -> None:
        """Refuse the answer to a prompt of which the server read a part: Ollama cuts it without a word."""
        least = sum(len(_RUN.sub(r"\1\1\1", message.content)) for message in prompt.messages) // _CHARS_A_TOKEN
        if 0 < ending.prompt_tokens < least:
            raise ModelError(
                f"{self._endpoint} read {ending.prompt_tokens} tokens of a prompt of more than {least}: it cut it off",
                hint="let the server open the model with a longer context, and set `context_tokens` to that",
            )

    # choosing

    def _letter_scores(self, prompt: Prompt, letters: Sequence[str]) -> tuple[float, ...] | None:
        """Give the share of each letter among those the server tells of; None where it tells of none."""
        sampling = Sampling(max_tokens=1, thinking=False)
        body = dialect.chat_request(self._model(), prompt, sampling)
        body |= {"logprobs": True, "top_logprobs": dialect.TOP_LOGPROBS}
        try:
            _, ending = self._generate(body, prompt, None)
        except ModelError as error:
            if not cannot(error):
                raise
            ending = Ending()
        told = ending.logprobs[0] if ending.logprobs else {}
        rows = told.get("top_logprobs")
        if not isinstance(rows, list) or not rows:
            self._has_logprobs = False
            return None
        weights = dict.fromkeys(letters, 0.0)
        for row in rows:
            letter = str(row.get("token", "")).strip(" ▁Ġ\n")
            logprob = row.get("logprob")
            if letter in weights and isinstance(logprob, int | float) and math.isfinite(logprob):
                weights[letter] += math.exp(min(0.0, logprob))
        total = sum(weights.values())
        return tuple(weight / total for weight in weights.values()) if total > 0 else None

    def _letter(self, prompt: Prompt, letters: Sequence[str]) -> str:
        schema = {"type": "string", "enum": list(letters)}
        text = ""
        for most in (_CHOICE_TOKENS, _THOUGHTFUL_CHOICE_TOKENS):
            answer, _ = self._bound(prompt, Sampling(max_tokens=most, thinking=False), schema, None)
            text = answer.text.strip()
            if text:
                break  # else all went into a thinking that this server does not switch off
        found = re.search(rf"(?<![\w])([{letters[0]}-{letters[-1]}])(?![\w])", text)
        if found is None:
            raise ModelError(f'the answer "{text[:80]}" is none of the {len(letters)} options')
        return found[1]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _is_json(text: str) -> bool:
    try:
        find_json(text)
    except ValueError:
        return False
    return True
