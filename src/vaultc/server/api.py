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
from vaultc.server.grounded import Grounded, extra
from vaultc.server.guard import Refused
from vaultc.server.interrupt import Interruptible
from vaultc.server.replies import Ended, Usage, Writer, dumps, embeddings, models
from vaultc.server.tasks import finished, streamed
from vaultc.server.wire import MAX_ANSWER_TOKENS, Embed, Generate, read_chat, read_completion, read_embed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from vaultc.app.serving import Served
    from vaultc.core.event import Progress
    from vaultc.model.protocols import ChatModel
    from vaultc.server.guard import Message, Receive, Scope, Send
    from vaultc.server.lane import Job, Lane

VAULT = "vault"
EMBEDDINGS = "vault-embeddings"
_MAX_CLIENT = 80


@dataclass
class Api:
    """An ASGI application behind the guard. `lane` holds the models, `reading` what needs none of them."""

    served: Served
    lane: Lane
    reading: Lane
    created: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self._routes: Mapping[str, tuple[str, Callable[[Scope, bytes, Receive, Send], Awaitable[None]]]] = {
            "/health": ("GET", self._health),
            "/v1/models": ("GET", self._models),
            "/v1/chat/completions": ("POST", self._chat),
            "/v1/completions": ("POST", self._completion),
            "/v1/embeddings": ("POST", self._embed),
        }
        config = self.served.config.model
        self._defaults = Sampling(temperature=config.temperature, seed=config.seed, thinking=config.thinking)

    @property
    def paths(self) -> frozenset[str]:
        """The paths that are served."""
        return frozenset(self._routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises Refused or ClientGone."""
        method, answer = self._routes.get(scope["path"], ("", None))
        if answer is None:
            raise Refused(404, "nothing is served at this path", "not_found")
        if scope["method"] not in {method, "HEAD" if method == "GET" else method}:
            raise Refused(405, f"this path takes {method}", "method", ((b"allow", method.encode()),))
        await answer(scope, (await receive())["body"], receive, send)

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
        listed: list[tuple[str, Mapping[str, Any]]] = [
            (name, {"context_tokens": model.spec.context_tokens, "parameters": model.spec.parameters})
            for name, model in self.served.models.items()
        ]
        listed.append((VAULT, {"grounded": True}))
        if self.served.config.index.embedder != "none":
            listed.append((EMBEDDINGS, {"embeddings": True}))
        await _send(send, models(listed, self.created))

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
        scope["vaultc.about"] = asked.model
        writer = Writer(asked.model, is_chat)
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
        """Give what answers a request, in the lane. Raises Refused for a model that is not served."""
        if asked.model == VAULT:
            if asked.schema is not None:
                raise Refused(400, "`vault` answers in words, with citations", "schema", param="response_format")
            question = asked.question
            return lambda job: self._grounded(job, question, asked.ignored)
        model = self.served.models.get("-".join(asked.model.split()))
        if model is None:
            raise _no_model(asked.model, [*self.served.models, VAULT])
        return lambda job: _generated(job, model, asked)

    def _grounded(self, job: Job, question: str, ignored: tuple[str, ...]) -> Ended:
        def report(_: Progress) -> None:
            job.check()

        brain = self.served.brain
        lent = None if brain is None else Interruptible(brain, job.check)
        writer, said, outcome = Grounded(), [], None
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
        count = brain.count if brain is not None else _words
        more = extra(outcome) | ({"ignored": list(ignored)} if ignored else {})
        return Ended(text, "stop", Usage(count(question), count(text)), extra=more)

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
            raise Refused(400, f"its vectors have {embedder.dimensions} dimensions", "dimensions", param="dimensions")
        rows = embedder.embed(asked.texts, is_query=asked.is_query)
        return embeddings(asked.model, rows, sum(map(_words, asked.texts)), is_base64=asked.is_base64)


def _generated(job: Job, model: ChatModel, asked: Generate) -> Ended:
    context = model.spec.context_tokens
    if sum(model.count(message.content) for message in asked.messages) >= context:
        raise Refused(
            400,
            f"the messages have more tokens than the context of {context}",
            "context_length_exceeded",
            param="messages",
        )
    most = asked.max_tokens or max(1, min(MAX_ANSWER_TOKENS, context // 2))
    sampling = replace(asked.sampling, max_tokens=min(most, context))
    prompt = Prompt(asked.messages, "serve", asked.model)
    stoppable = Interruptible(model, job.check)
    grammar = None if asked.schema is None else grammar_schema(asked.schema)
    found = stoppable.generate(prompt, sampling, schema=grammar, on_text=job.put)
    fault = misfit(found.text, asked.schema) if asked.schema is not None and found.finish == "stop" else ""
    if fault:
        raise Refused(500, f"the model's answer does not fit the schema: {fault}", "answer_not_in_schema")
    more = {"ignored": list(asked.ignored)} if asked.ignored else {}
    return Ended(found.text, found.finish, Usage(found.prompt_tokens, found.tokens), found.thinking, more)


def _json(body: bytes) -> dict[str, Any]:
    try:
        return read_json(body)
    except BadBodyError as error:
        raise Refused(400, str(error), "json") from None


def _client(scope: Scope, data: Mapping[str, Any]) -> str:
    """Give whose turn a request takes: the program, and the user that it names."""
    agent = next((value for key, value in scope["headers"] if key == b"user-agent"), b"").decode("latin-1")
    user = data.get("user")
    return f"{agent[:_MAX_CLIENT]}/{user[:_MAX_CLIENT] if isinstance(user, str) else ''}"


def _no_model(name: str, known: list[str]) -> Refused:
    there = f"there are {', '.join(known)}" if known else "there is none"
    return Refused(
        404, f"no model {json.dumps(name[:80], ensure_ascii=False)}: {there}", "model_not_found", param="model"
    )


def _words(text: str) -> int:
    return len(text.split())


async def _send(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
