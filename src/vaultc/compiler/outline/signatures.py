"""Names and signatures of operations, read from the words of a requirement, a flow or a stated case."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vaultc.compiler.naming import IMPORTED, class_name, is_identifier, snake
from vaultc.compiler.trees import expression
from vaultc.compiler.unit import EntityKind, Field
from vaultc.language.actions import action_of
from vaultc.language.lexicon import listed
from vaultc.language.stems import content_stems, fold, words
from vaultc.language.stopwords import is_stopword

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.unit import Entity, Example

_MODAL = listed(
    """
    must shall should may can will cannot need needs have has want wants able allowed required would could
    должен должна должно должны может могут можно нужно надо следует нельзя необходимо хочется хочу умеет умеют
    system program app application tool система программа приложение утилита user пользователь always never всегда
    никогда обязательно обязан обязана обязаны желательно стоит
    """
)
_TEXTS = """
    print show render format display draw list report
    печатать показывать показать вывести выводить напечатать отобразить
"""
_FLAGS = "check validate verify allow проверить проверять разрешать is has"
_NUMBERS = "compute calculate count sum measure predict estimate посчитать считать вычислить вычислять измерить"
_RETURNS = {
    **dict.fromkeys(_TEXTS.split(), "str"),
    **dict.fromkeys(_FLAGS.split(), "bool"),
    **dict.fromkeys(_NUMBERS.split(), "float"),
}
_MAX_NAME_WORDS = 4


def function_names(text: str, condition: str = "", program: str = "") -> Iterator[str]:
    """Give names for what `text` asks for, the shortest first; the longer ones tell it from others like it."""
    deed = action_of(text)
    first = snake(deed.name) if deed is not None else function_name(text, program)
    yield first
    yield function_name(text, program)
    yield function_name(text, program, _MAX_NAME_WORDS + 1)
    words_ = first.split("_")
    if condition:
        when = [part for part in function_name(condition, program).split("_") if part and part not in words_]
        for count in (1, 2, 3):
            if when[:count]:
                yield "_".join((*words_[:3], "when", *when[:count]))


def function_name(text: str, program: str = "", most: int = _MAX_NAME_WORDS) -> str:
    """Give a name for what `text` asks for: its words without modals, subject and what follows a comma."""
    skipped = {fold(word.text) for word in words(program)}
    kept = []
    for word in words(_main_clause(text)):
        folded = fold(word.text)
        if folded in _MODAL or is_stopword(folded) or folded in skipped or folded.isdigit():
            continue
        kept.append(word.text)
        if len(kept) == most:
            break
    return snake(" ".join(kept) or text)


def _main_clause(text: str) -> str:
    """Give what stands behind a condition ("When ..., the clock shall ..."), or all of it."""
    head, comma, rest = text.partition(",")
    first = next(words(head), None)
    conditional = {"when", "if", "while", "where", "once", "after", "before", "когда", "если", "пока", "при", "после"}
    if comma and first is not None and fold(first.text) in conditional and len(list(words(rest))) > 2:
        return rest
    return text


def returns_of(text: str) -> str:
    """Give the return annotation that the verb of `text` suggests; "None" where it suggests none."""
    for word in words(_main_clause(text)):
        found = _RETURNS.get(fold(word.text))
        if found is not None:
            return found
    return "None"


def things_in(text: str, entities: Sequence[Entity], product: str = "") -> tuple[Field, ...]:
    """Give a parameter for each record or state machine that `text` names, other than by the product's own name."""
    stems = set(content_stems(text))
    own = set(content_stems(product))
    found: dict[str, Field] = {}
    for entity in entities:
        named = set(content_stems(entity.name))
        if not named or not named <= stems or named <= own or entity.kind is EntityKind.ENUM:
            continue
        name = snake(class_name_words(entity))
        found.setdefault(name, Field(entity.name, name, class_name(entity), origins=entity.origins[:1]))
    return tuple(found.values())


def class_name_words(entity: Entity) -> str:
    """Give the words of the class name of `entity`: `TideEvent` as "Tide Event"."""
    name = class_name(entity)
    return "".join(f" {char}" if char.isupper() and at else char for at, char in enumerate(name))


def signature_of_example(examples: Sequence[Example]) -> tuple[str, tuple[Field, ...], str] | None:
    """Give name, parameters and return annotation that stated calls of one function agree on, or None."""
    calls = [call for call in map(plain_call, examples) if call is not None]
    if not calls or len(calls) != len(examples):
        return None
    name = called_name(examples[0])
    if any(call[0] != calls[0][0] or len(call[1]) != len(calls[0][1]) for call in calls) or not is_identifier(name):
        return None
    params = []
    for index in range(len(calls[0][1])):
        type_ = joined_type([call[1][index] for call in calls])
        param = "text" if type_ == "str" else "value"
        params.append(param if len(calls[0][1]) == 1 else f"{param}_{index + 1}")
    types = [joined_type([call[1][index] for call in calls]) for index in range(len(params))]
    fields = tuple(Field(param, param, type_) for param, type_ in zip(params, types, strict=True))
    return name, fields, joined_type([call[2] for call in calls])


def called_name(example: Example) -> str:
    """Give the name in generated code of the function that a stated case calls."""
    name = example.call.partition("(")[0].strip()
    return f"{name}_" if name in IMPORTED else name


def called_source(example: Example) -> str:
    """Give the call of a stated case as it stands in generated code."""
    return called_name(example) + "".join(example.call.partition("(")[1:])


def plain_call(example: Example) -> tuple[str, tuple[object, ...], object] | None:
    """Give function name, arguments and result of a stated case whose parts are all literals; else None."""
    call, expected = expression(example.call), expression(example.expected)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.keywords or expected is None:
        return None
    try:
        return call.func.id, tuple(ast.literal_eval(arg) for arg in call.args), ast.literal_eval(expected)
    except (ValueError, TypeError, MemoryError):
        return None


def joined_type(values: Sequence[object]) -> str:
    """Give the annotation that fits all of `values`."""
    kinds = {type(value).__name__ for value in values}
    if kinds <= {"int", "float"} and "float" in kinds:
        return "float"
    if len(kinds) == 1:
        (kind,) = kinds
        if kind in {"int", "float", "str", "bool"}:
            return kind
        if kind == "list":
            items = [item for value in values if isinstance(value, list) for item in value]
            return f"list[{joined_type(items)}]" if items else "list[str]"
    return "object"
