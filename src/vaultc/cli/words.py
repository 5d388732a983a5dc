"""Commands that take one text of the person: what a shell made of it is said, with how to write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class WordsCommand(TyperCommand):
    """A command with one text as its argument: several words without quotes, and a minus before them, get a hint."""

    allow_extra_args = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - a context of the library's own click
        """Read the arguments. Raises UsageError where they are words that the shell took apart or an option took."""
        for text in _seeming_options(args, self.get_params(ctx)):
            raise UsageError(
                f'"{text}" begins with a minus, and is no option of `{ctx.command_path}`',
                hint=f"if you mean the words, write `{ctx.command_path} -- {_quoted(text)}`; options go before `--`",
            )
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            name = next(item.name for item in self.params if item.param_type_name == "argument")
            words = _quoted(" ".join([str(ctx.params[name]), *rest]))
            raise UsageError(
                f"`{ctx.command_path}` takes one text, and was given {len(rest) + 1}",
                hint=f"put it into quotes: `{ctx.command_path} {words}`",
            )
        return rest


def _quoted(text: str) -> str:
    """Give `text` as one word for a shell, in the quotes that people write."""
    special = '"$`\\!'
    return f'"{text}"' if not any(sign in text for sign in special) else "'" + text.replace("'", "'\\''") + "'"


def _seeming_options(args: Sequence[str], known: Sequence[Any]) -> Iterator[str]:
    """Give what begins with a minus and is no option: one with a blank in it, a number, or several letters after one.

    A misspelt `--option` is left to the library, which knows what is alike.
    """
    options = (item for item in known if item.param_type_name == "option")
    names = {name: option for option in options for name in (*option.opts, *option.secondary_opts)}
    takes_value = False
    for text in args:
        if text == "--":
            return
        option = names.get(text)
        if not takes_value and option is None and len(text) > 1 and text.startswith("-"):
            is_short = text[1] != "-"
            head = text[:2] if is_short else text.partition("=")[0]
            is_text = " " in text and "=" not in text.partition(" ")[0]
            if (is_short and head not in names) or is_text:
                yield text
        takes_value = not takes_value and option is not None and not option.is_flag
