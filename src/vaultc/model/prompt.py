"""Prompts are Markdown files: front matter, then turns under lines `# system`, `# user`, `# assistant`.

A placeholder is `{{name}}` and is replaced in one pass: what an input holds is never expanded again. A file of
the same name in the overrides folder takes the place of the packaged one, but may ask for no other inputs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Literal

from vaultc.core.digest import Digest, digest_text
from vaultc.core.errors import UsageError
from vaultc.disk.read import read_file
from vaultc.model.protocols import Message, Prompt

if TYPE_CHECKING:
    from pathlib import Path

_Role = Literal["system", "user", "assistant"]
_ROLES: dict[str, _Role] = {"# system": "system", "# user": "user", "# assistant": "assistant"}
_KEYS = frozenset({"version", "inputs", "output", "purpose"})
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")
_LABEL_SIGNS = re.compile(r'[\x00-\x1f"<>\x7f]')


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt as written: its inputs and its turns, and the digest of its file."""

    name: str
    version: int
    inputs: tuple[str, ...]
    turns: tuple[Message, ...]
    digest: Digest

    def fill(self, task: str, target: str = "", /, **inputs: str) -> Prompt:
        """Give the prompt with each `{{name}}` replaced by the input of that name. All inputs must be given."""
        missing = [name for name in self.inputs if name not in inputs]
        unknown = [name for name in inputs if name not in self.inputs]
        if missing or unknown:
            said = "; ".join(
                f"{word} {', '.join(names)}" for word, names in (("missing", missing), ("unknown", unknown)) if names
            )
            raise TypeError(f"inputs of prompt {self.name}: {said}")
        messages = tuple(
            Message(turn.role, _PLACEHOLDER.sub(lambda match: inputs[match[1]], turn.content)) for turn in self.turns
        )
        return Prompt(messages, task, target, self.digest, self.shared)

    @property
    def shared(self) -> int:
        """How many of the first turns are the same whatever the inputs are."""
        fixed = (number for number, turn in enumerate(self.turns) if _PLACEHOLDER.search(turn.content))
        return next(fixed, len(self.turns))


def load_prompt(name: str, overrides: Path | None = None) -> PromptFile:
    """Read prompt `name` from the package, or its override. Raises UsageError where the file is not as it must be."""
    packaged = resources.files("vaultc").joinpath("prompts", f"{name}.md")
    if not packaged.is_file():
        raise UsageError(f'no prompt is named "{name}"')
    ours = parse_prompt(name, packaged.read_text(encoding="utf-8"))
    path = overrides / f"{name}.md" if overrides is not None else None
    if path is None or not path.is_file():
        return ours
    try:
        text = read_file(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the prompt {path}: {error}") from error
    theirs = parse_prompt(name, text, inputs=ours.inputs, where=str(path))
    return PromptFile(name, theirs.version, ours.inputs, theirs.turns, theirs.digest)


def parse_prompt(
    name: str, text: str, *, inputs: tuple[str, ...] | None = None, where: str | None = None
) -> PromptFile:
    """Read the text of a prompt file.

    Args:
        name: its name.
        text: the whole file.
        inputs: for an override, the inputs it may use; it need not declare or use them all.
        where: what messages call the file.

    Raises:
        UsageError: the front matter, a turn or a placeholder is wrong.
    """
    place = where or f"prompt {name}"
    lines = text.replace("\r\n", "\n").split("\n")
    keys, body = _front_matter(lines, place)
    turns = _turns(body, place)
    declared = _inputs(keys.get("inputs", ""), place)
    used = {found for turn in turns for found in _PLACEHOLDER.findall(turn.content)}
    allowed = declared if inputs is None else inputs
    unknown = sorted((used | set(declared)) - set(allowed))
    unused = sorted(set(declared) - used) if inputs is None else []
    if unknown:
        raise UsageError(f"{place}: no such input: {', '.join(unknown)}", hint=f"inputs: {', '.join(allowed)}")
    if unused:
        raise UsageError(f"{place}: inputs that are not used: {', '.join(unused)}")
    version = keys.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise UsageError(f"{place}: the front matter needs `version:` and a whole number")
    return PromptFile(name, int(version), declared, turns, digest_text("\n".join(lines)))


def put_under(prompt: Prompt, brief: str) -> Prompt:
    """Give `prompt` with `brief` before its first words; an empty one changes nothing."""
    if not brief:
        return prompt
    first, *rest = prompt.messages or (Message("system", ""),)
    if first.role != "system":
        return replace(prompt, messages=(Message("system", brief), *prompt.messages), shared=prompt.shared + 1)
    joined = Message("system", f"{brief}\n\n{first.content}")
    return replace(prompt, messages=(joined, *rest))


def fence_data(text: str, label: str) -> str:
    """Give `text` between tags that do not occur in it, under `label`: data, not instructions.

    The tag is `data`; where the text holds that word as a tag, letters drawn from the text's own digest are added.
    """
    tag = "data"
    folded = text.casefold()
    salt = ""
    while f"<{tag}" in folded or f"</{tag}" in folded:
        salt += "."
        tag = f"data-{digest_text(salt + text)[3:11]}"
    shown = _LABEL_SIGNS.sub(" ", label)
    newline = "" if text.endswith("\n") else "\n"
    return f'<{tag} label="{shown}">\n{text}{newline}</{tag}>'


def _front_matter(lines: list[str], place: str) -> tuple[dict[str, str], list[str]]:
    if not lines or lines[0].rstrip() != "---":
        raise UsageError(f"{place}: it must start with front matter between lines `---`")
    keys: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return keys, lines[number + 1 :]
        key, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or key not in _KEYS or key in keys:
            raise UsageError(f"{place}:{number + 1}: not a line of front matter: {line.strip()[:60]}")
        keys[key] = value.strip()
    raise UsageError(f"{place}: the front matter is not closed by `---`")


def _inputs(value: str, place: str) -> tuple[str, ...]:
    if value and not (value.startswith("[") and value.endswith("]")):
        raise UsageError(f"{place}: write the inputs as `inputs: [a, b]`")
    names = tuple(name.strip() for name in value[1:-1].split(",") if name.strip())
    wrong = [name for name in names if not _NAME.fullmatch(name)]
    if wrong or len(set(names)) != len(names):
        raise UsageError(f"{place}: not names of inputs: {value}")
    return names


def _turns(lines: list[str], place: str) -> tuple[Message, ...]:
    turns: list[tuple[_Role, list[str]]] = []
    for line in lines:
        role = _ROLES.get(line.rstrip())
        if role is not None:
            turns.append((role, []))
        elif turns:
            turns[-1][1].append(line)
        elif line.strip():
            raise UsageError(f"{place}: text before the first `# system` or `# user`: {line.strip()[:60]}")
    if not any(role == "user" for role, _ in turns):
        raise UsageError(f"{place}: there is no `# user` turn")
    return tuple(Message(role, "\n".join(content).strip("\n")) for role, content in turns)
