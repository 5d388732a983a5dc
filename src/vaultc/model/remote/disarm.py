"""Special tokens in notes: made plain text for a server that reads control tokens wherever they stand.

Our own child process tokenises notes with control tokens off. A server renders its template into one text and reads
control tokens wherever they stand, so that a note could end its turn and speak as the system. A mark that nobody
sees, put behind the first sign, makes such a token text again; it is taken out of the answers.
"""

from __future__ import annotations

import re

_MARK = "\u2060"  # WORD JOINER: no width, no line break, and in no control token
_TOKENS = (
    r"<[|｜][^<>\n]{0,60}?[|｜]>"  # ChatML, Llama 3, Phi, gpt-oss, DeepSeek
    r"|</?(?:s|bos|eos|pad|unk|think|thinking|tool_call|tool_response|(?:im|fim|start|end|begin|eot|eom)_\w{1,30})>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|IMG|THINK)\]|<</?SYS>>"
)
_TOKEN = re.compile(_TOKENS)
_DISARMED = re.compile(rf"(?<=[<\[]){_MARK}")


def disarm(text: str) -> str:
    """Give `text` without anything that known models take for a control token."""
    return _TOKEN.sub(lambda found: f"{found[0][0]}{_MARK}{found[0][1:]}", text)


def rearm(text: str) -> str:
    """Give an answer with the marks of `disarm` taken out again, so that quotations stand as in the note."""
    return _DISARMED.sub("", text)
