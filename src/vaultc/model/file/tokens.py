"""Counts tokens with the vocabulary of a GGUF, without loading the model (only importer of tiktoken).

Covers the byte-level BPE vocabularies (`tokenizer.ggml.model` = gpt2) whose way of cutting text is known here; for
others the loaded model counts. Ranks are the 256 bytes, then the merges in their order. Never
`tiktoken.get_encoding`: it would fetch a file from the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError
from vaultc.model.file.gguf import read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.model.file.gguf import Header, Vocabulary

_USER_DEFINED = 4
_SLICE_CHARS = 50_000  # tiktoken's matcher gives up on pieces far longer than this

_CONTRACTIONS = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# Digits are cut out first, one by one, so that blanks before a digit count as blanks at the end of a text.
_SMOLLM = r"\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+"
_LETTERS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_LLAMA3 = rf"{_CONTRACTIONS}|{_LETTERS}|\p{{N}}{{1,3}}|{_REST}"
_QWEN2 = rf"{_CONTRACTIONS}|{_LETTERS}|\p{{N}}|{_REST}"
_QWEN35 = (
    rf"{_CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}"
    r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

PATTERNS = {
    "gpt-2": _GPT2,
    "smollm": _SMOLLM,
    "llama-bpe": _LLAMA3,
    "llama3": _LLAMA3,
    "qwen2": _QWEN2,
    "deepseek-r1-qwen": _QWEN2,
    "qwen35": _QWEN35,
}
"""`tokenizer.ggml.pre` → the regular expression by which llama.cpp cuts text before merging."""


class TokenCounter:
    """Counts the tokens of plain text as llama.cpp would, control tokens off."""

    def __init__(self, vocabulary: Vocabulary, pattern: str) -> None:
        import tiktoken  # slow to import

        marked = [
            (token, number)
            for number, token in enumerate(vocabulary.tokens)
            if _type(vocabulary, number) == _USER_DEFINED
        ]
        ranks = _ranks(vocabulary)
        specials = {token: len(ranks) + number for token, number in marked}
        self._encoding = tiktoken.Encoding("gguf", pat_str=pattern, mergeable_ranks=ranks, special_tokens=specials)
        self._specials = frozenset(specials)

    def count(self, text: str) -> int:
        """Give the number of tokens of `text`."""
        return sum(
            len(self._encoding.encode(part, allowed_special=self._specials, disallowed_special=()))
            for part in _slices(text)
        )


def counter_for(header: Header) -> TokenCounter | None:
    """Give the counter of a GGUF, or None where its vocabulary is of a kind that only the model itself can count.

    Raises ModelError where the vocabulary cannot be read.
    """
    pattern = PATTERNS.get(header.tokenizer_pre)
    if header.tokenizer_kind != "gpt2" or pattern is None:
        return None
    return TokenCounter(read_vocabulary(header), pattern)


def _type(vocabulary: Vocabulary, number: int) -> int:
    return vocabulary.types[number] if number < len(vocabulary.types) else 1


def _ranks(vocabulary: Vocabulary) -> dict[bytes, int]:
    letters = _byte_letters()
    ranks = {bytes([value]): value for value in range(256)}
    for merge in vocabulary.merges:
        left, _, right = merge.partition(" ")
        try:
            joined = bytes(letters[sign] for sign in left + right)
        except KeyError:
            raise ModelError(f'the vocabulary holds the merge "{merge[:40]}", which is no byte-level BPE') from None
        ranks.setdefault(joined, len(ranks))
    return ranks


def _byte_letters() -> dict[str, int]:
    """Give the letter that stands for each byte in a byte-level vocabulary (the table of GPT-2)."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = {chr(value): value for value in shown}
    hidden = [value for value in range(256) if value not in set(shown)]
    letters.update({chr(256 + number): value for number, value in enumerate(hidden)})
    return letters


def _slices(text: str) -> Iterator[str]:
    """Cut a long text where no token can lie across: behind a line end that a non-blank follows."""
    start = 0
    while len(text) - start > _SLICE_CHARS:
        cut = _line_cut(text, start, start + _SLICE_CHARS)
        yield text[start:cut]
        start = cut
    yield text[start:]


def _line_cut(text: str, start: int, end: int) -> int:
    position = end
    while (position := text.rfind("\n", start, position)) > start:
        if not text[position + 1].isspace():
            return position + 1
    return end  # one line without an end: the count may be one token more
