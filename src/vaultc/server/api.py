"""The OpenAI-compatible API: which path does what, with which model."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vaultc.app.asking import AskOutcome
from vaultc.model.protocols import Prompt, Sampling
from vaultc.model.structured import grammar_schema
from vaultc.server.answers import misfit
from vaultc.server.body import BadBodyError, read_json
from vaultc.server.grounded import Bounds, Grounded, extra
from vaultc.server.guard import RefusedRequest
from vaultc.server.interrupt import Interruptible
from vaultc.server.replies import Ended, ReplyWriter, Usage, dumps, embeddings, model_document, models
from vaultc.server.tasks import finished, streamed
from vaultc.server.wire import MAX_ANSWER_TOKENS, UNLIMITED, Embed, Generate, read_chat, read_completion, read_embed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from vaultc.app.serving import ServedVault
    from vaultc.core.event import Progress
    from vaultc.model.protocols import ChatModel
    from vaultc.server.guard import Message, Receive, Scope, Send
    from vaultc.server.lane import Job, Lane

VAULT = "vault"
EMBEDDINGS = "vault-embeddings"
MODELS = "/v1/models"
_MAX_CLIENT = 80
_AROUND_MESSAGE = 8
_MAX_QUESTION = 32_000


@dataclass
class Api:
    """An ASGI application behind the guard. `lane` holds the models, `reading` what needs none of them."""

    served: ServedVault
    lane: Lane
    reading: Lane
    created: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self._routes: Mapping[str, tuple[str, Callable[[Scope, bytes, Receive, Send], Awaitable[None]]]] = {
            "/health": ("GET", self._health),
            MODELS: ("GET", self._models),
            "/v1/chat/completions": ("POST", self._chat),
            "/v1/completions": ("POST", self._completion),
            "/v1/embeddings": ("POST", self._embed),
        }
        config = self.served.config.model
        self._defaults = Sampling(temperature=config.temperature, seed=config.seed, thinking=config.thinking)

    @property
    def paths(self) -> frozenset[str]:
        """The paths that are served."""
        return frozenset(self._routes) | {f"{MODELS}/{name}" for name in self._listed()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises RefusedRequest or ClientGone."""
        path = scope["path"]
        of_model = ("GET", self._model) if path.startswith(f"{MODELS}/") and path != f"{MODELS}/" else ("", None)
        method, answer = self._routes.get(path, of_model)
        if answer is None:
            raise RefusedRequest(404, f"nothing is served at this path{self._meant(path)}", "not_found")
        taken = ("GET", "HEAD") if method == "GET" else (method,)
        if scope["method"] not in taken:
            raise RefusedRequest(405, f"this path takes {method}", "method", ((b"allow", ", ".join(taken).encode()),))
        await answer(scope, (await receive())["body"], receive, send)

    def _meant(self, path: str) -> str:
        """Say which path was meant where a base URL lacks its `/v1`, has it twice, or a slash too many."""
        bare = path.rstrip("/")
        near = [known for known in (bare, f"/v1{bare}", bare.removeprefix("/v1")) if known in self._routes]
        return f": {near[0]} is" if near else ""

    async def _health(self, scope: Scope, _body: bytes, _receive: Receive, send: Send) -> None:
        document: dict[str, Any] = {"status": "ok"}
        if scope.get("vaultc.is_trusted"):
            document |= {
                "models": list(self.served.models),
                "busy": self.lane.is_busy,
                "waiting": self.lane.waiting,
                "vault": str(self.served.root),
            }
        await _send(send, dumps(document))

    async def _models(self, _scope: Scope, _body: bytes, _receive: Receive, send: Send) -> None:
        await _send(send, models(self._listed(), self.created))

    async def _model(self, scope: Scope, _body: bytes, _receive: Receive, send: Send) -> None:
        name, listed = scope["path"].removeprefix(f"{MODELS}/"), self._listed()
        if name not in listed:
            raise _no_model(name, [*listed])
        await _send(send, dumps(model_document(name, listed[name], self.created)))

    def _listed(self) -> dict[str, Mapping[str, Any]]:
        listed: dict[str, Mapping[str, Any]] = {
            name: {"context_tokens": model.spec.context_tokens, "parameters": model.spec.parameters}
            for name, model in self.served.models.items()
        }
        listed[VAULT] = {"grounded": True}
        if self.served.config.index.embedder != "none":
            listed[EMBEDDINGS] = {"embeddings": True}
        return listed

    async def _chat(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        data = _json(body)
        await self._answer(scope, data, read_chat(data, self._defaults), receive, send, is_chat=True)

    async def _completion(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        data = _json(body)
        await self._answer(scope, data, read_completion(data, self._defaults), receive, send, is_chat=False)

    async def _answer(
        self, scope: Scope, data: Mapping[str, Any], asked: Generate, receive: Receive, send: Send, *, is_chat: bool
    ) -> None:
        work = self._work(asked)
        scope["vaultc.about"] = _name(asked.model)
        writer = ReplyWriter(asked.model, is_chat)
        client = _client(scope, data)
        if not asked.stream:
            await _send(send, writer.whole(await finished(self.lane, client, work, receive)))
            return

        def written(item: str | Ended) -> bytes:
            if isinstance(item, str):
                return writer.piece(item) if item else b""
            return writer.end(item, include_usage=asked.include_usage)

        await streamed(self.lane, client, work, receive, send, written, writer.start())

    def _work(self, asked: Generate) -> Callable[[Job], Ended]:
        """Give what answers a request, in the lane. Raises RefusedRequest for a model that is not served."""
        if asked.model == VAULT:
            if asked.schema is not None:
                raise RefusedRequest(400, "`vault` answers in words, with citations", "schema", param="response_format")
            question = asked.question
            if len(question) > _MAX_QUESTION:
                said = f"a question to the notes has at most {_MAX_QUESTION:,} characters, not {len(question):,}"
                raise RefusedRequest(400, said, "context_length_exceeded", param="messages")
            return lambda job: self._grounded(job, question, asked)
        model = self.served.models.get(_name(asked.model))
        if model is None:
            raise _no_model(asked.model, [*self.served.models, VAULT])
        return lambda job: _generated(job, model, asked)

    def _grounded(self, job: Job, question: str, asked: Generate) -> Ended:
        def report(_: Progress) -> None:
            job.check()

        brain = self.served.brain
        lent = None if brain is None else Interruptible(brain, job.check)
        count = brain.count if brain is not None else _words
        most = None if asked.max_tokens == UNLIMITED else asked.max_tokens
        writer, said, outcome = Grounded(Bounds(most, asked.sampling.stop, count)), [], None
        for step in self.served.ask(question, lent, report):
            if isinstance(step, AskOutcome):
                outcome = step
                break
            said.append(writer.sentence(step))
            job.put(said[-1])
        assert outcome is not None
        said.append(writer.end(outcome))
        job.put(said[-1])
        text = "".join(said)
        more = extra(outcome) | _ignored(*asked.ignored, *asked.drawn)
        return Ended(text, writer.finish, Usage(count(question), count(text)), extra=more)

    async def _embed(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        data = _json(body)
        asked = read_embed(data)
        if asked.model != EMBEDDINGS:
            raise _no_model(asked.model, [EMBEDDINGS])
        scope["vaultc.about"] = f"{asked.model}, {len(asked.texts)} texts"
        document = await finished(self.reading, _client(scope, data), lambda job: self._embedded(job, asked), receive)
        await _send(send, document)

    def _embedded(self, job: Job, asked: Embed) -> bytes:
        embedder = self.served.embedder(lambda _: job.check())
        if embedder is None:
            raise _no_model(asked.model, [])
        if asked.dimensions not in (None, embedder.dimensions):
            raise RefusedRequest(
                400, f"its vectors have {embedder.dimensions} dimensions", "dimensions", param="dimensions"
            )
        rows = embedder.embed(asked.texts, is_query=asked.is_query)
        return embeddings(asked.model, rows, sum(map(_words, asked.texts)), is_base64=asked.is_base64)


def _generated(job: Job, model: ChatModel, asked: Generate) -> Ended:
    context = model.spec.context_tokens
    room = context - sum(model.count(message.content) for message in asked.messages)
    if room <= 0:
        raise RefusedRequest(
            400,
            f"the messages have more tokens than the context of {context}",
            "context_length_exceeded",
            param="messages",
        )
    usual = max(1, min(MAX_ANSWER_TOKENS, context // 2))
    most = room if asked.max_tokens == UNLIMITED else asked.max_tokens or usual
    # what a template puts around each message is not counted; a server refuses more than it has room for
    around = _AROUND_MESSAGE * (len(asked.messages) + 1)
    sampling = replace(asked.sampling, max_tokens=max(1, min(most, room - around)))
    prompt = Prompt(asked.messages, "serve", asked.model)
    stoppable = Interruptible(model, job.check)
    grammar = None if asked.schema is None else grammar_schema(asked.schema)
    found = stoppable.generate(prompt, sampling, schema=grammar, on_text=job.put)
    fault = misfit(found.text, asked.schema) if asked.schema is not None and found.finish == "stop" else ""
    if fault:
        raise RefusedRequest(500, f"the model's answer does not fit the schema: {fault}", "answer_not_in_schema")
    usage = Usage(found.prompt_tokens, found.tokens)
    return Ended(found.text, found.finish, usage, found.thinking, _ignored(*asked.ignored))


def _ignored(*keys: str) -> dict[str, Any]:
    return {"ignored": sorted(keys)} if keys else {}


def _json(body: bytes) -> dict[str, Any]:
    try:
        return read_json(body)
    except BadBodyError as error:
        raise RefusedRequest(400, str(error), "json") from None


def _client(scope: Scope, data: Mapping[str, Any]) -> str:
    """Give whose turn a request takes: the program, and the user that it names."""
    agent = next((value for key, value in scope["headers"] if key == b"user-agent"), b"").decode("latin-1")
    user = data.get("user")
    return f"{agent[:_MAX_CLIENT]}/{user[:_MAX_CLIENT] if isinstance(user, str) else ''}"


def _name(given: str) -> str:
    """Give the name of a model as it is listed: without a blank, and so without the end of a line of the log."""
    return "-".join(given.split())


def _no_model(name: str, known: list[str]) -> RefusedRequest:
    there = f"there are {', '.join(known)}" if known else "there is none"
    return RefusedRequest(
        404, f"no model {json.dumps(name[:80], ensure_ascii=False)}: {there}", "model_not_found", param="model"
    )


def _words(text: str) -> int:
    return len(text.split())


async def _send(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
