"""Whether a sentence claims something now, and how: asked, supposed, reported, past, binding, denied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.language.lexicon import listed
from vaultc.language.stance import is_hypothetical, is_question, is_reported
from vaultc.language.stems import fold, words
from vaultc.language.stopwords import NEGATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

# Every list is of whole words in folded form; alternatives are fixed strings, so all are linear.
_CONDITION = re.compile(
    r"(?<!\w)(?:for example|e\.g|например|к примеру|if|when|whenever"
    r"|in case|as long as|unless|either|alternatively|options?|proposals?|proposed|drafts?"
    r"|sometimes|occasionally|in some cases|not always|not all|not every"
    r"|wonder|thinking of|thinking about|considering|plans? to|planning to|wants? to|hopes? to|going to|wish|hopefully"
    r"|advertised|rumou?r|heard that|in the story|in the novel|in the film"
    r"|если|когда|в случае|как только|вдруг|либо|при условии|варианты?|гипотеза|черновик|хорошо бы|хотелось|хочу|хотим"
    r"|иногда|порой|бывает|бывают|может быть так|не всегда|не все|не всё|не каждый|не каждая|не каждое"
    r"|планирую|планируем|собираюсь|собираемся|слышал|слышала|в рассказе|в романе|в фильме)(?!\w)",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"(?<!\w)(?:was|were|used to|previously|formerly|originally|initially|earlier|before that|until recently"
    r"|once was|had been"
    r"|no longer|at first|old value|был|была|было|были|раньше|ранее|прежде|до этого|изначально|сначала"
    r"|первоначально|когда-то|больше не"
    r"|уже не|вначале|поначалу)(?!\w)",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"(?<!\w)(?:now|currently|today|instead|since then|changed to|replaced by|replaced with|raised to"
    r"|lowered to|moved to|updated to"
    r"|теперь|сейчас|стало|стал|стала|стали|вместо|заменили|заменён|заменен|поменяли|перенесли|перенесён"
    r"|повысили|снизили|изменили)(?!\w)",
    re.IGNORECASE,
)
_ARROW = re.compile(r"->|→|=>")
_MUST_NOT = re.compile(
    r"(?<!\w)(?:must not|mustn't|must never|may not|cannot be|can not be|can never|shall not"
    r"|forbidden"
    r"|not allowed|not permitted|prohibited|нельзя|запрещено|запрещён|запрещен|запрещена|запрещены|запрещается"
    r"|недопустимо"
    r"|не допускается|не должен|не должна|не должно|не должны|ни в коем случае|не разрешается|не разрешено"
    r"|не может|не могут)(?!\w)",
    re.IGNORECASE,
)
_ORDER = re.compile(r"[\s*_>=-]{0,12}(?:do not|don't|never|никогда не)(?!\w)", re.IGNORECASE)
_FREE = re.compile(
    r"(?<!\w)(?:need not|needn't|not required|don't have to|doesn't have to|do not have to|does not have to"
    r"|not necessary|optional"
    r"|no need|не обязательно|необязательно|не обязан|не обязана|не обязаны|не нужно|не надо|не требуется"
    r"|необязателен)(?!\w)",
    re.IGNORECASE,
)
_MUST = re.compile(
    r"(?<!\w)(?:must|shall|have to|has to|required|mandatory|obligatory|should|ought to|need to|needs to"
    r"|должен|должна|должно|должны|обязан|обязана|обязано|обязаны|обязательно|обязателен|обязательна"
    r"|необходимо|надо|нужно"
    r"|следует|требуется)(?!\w)",
    re.IGNORECASE,
)
_SHOULD_NOT = re.compile(
    r"(?<!\w)(?:should not|shouldn't|should never|ought not|не следует|не стоит|не рекомендуется)(?!\w)", re.IGNORECASE
)
_MAY = re.compile(
    r"(?<!\w)(?:may|can|allowed|permitted|можно|может|могут|разрешено|разрешён|разрешен|разрешена|разрешается"
    r"|допускается"
    r"|допустимо)(?!\w)",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"(?<!\w)(?:not only|not just|no more than|no less than|not more than|no later than|no earlier than"
    r"|at least|nothing but"
    r"|не только|не более|не менее|не больше|не меньше|не позднее|не позже|не раньше|не реже|не чаще|не выше"
    r"|не ниже)(?!\w)",
    re.IGNORECASE,
)
_BINDING = listed(
    "must mustn't may cannot can shall forbidden allowed permitted prohibited do don't never need needn't needs "
    "required have has necessary optional mandatory obligatory should shouldn't ought нельзя запрещено запрещен "
    "запрещена запрещены запрещается недопустимо допускается допустимо должен должна должно должны коем "
    "разрешается разрешено разрешен разрешена может могут никогда обязательно необязательно обязан обязана "
    "обязано обязаны обязателен обязательна нужно надо требуется необязателен необходимо следует стоит "
    "рекомендуется можно"
)
_WITHOUT = listed("without без")
_ENGLISH_NOTS = listed("not no never none nor neither nothing nowhere nobody cannot")
_DENYING = _WITHOUT | _ENGLISH_NOTS


def is_stated(text: str) -> bool:
    """Tell whether a sentence names no condition, plan or exception: the cheap half of `is_claimed`."""
    return _CONDITION.search(text) is None


def is_claimed(text: str) -> bool:
    """Tell whether a sentence states something in the person's own name, as it is now or is to be."""
    if not is_stated(text):
        return False
    return not (is_question(text) or is_hypothetical(text) or is_reported(text))


def is_past(text: str, start: int, end: int) -> bool:
    """Tell whether the stretch `[start, end)` of a sentence says what no longer holds."""
    inner = text[start:end]
    past, now = _PAST.search(inner), _NOW.search(inner)
    if past is not None:
        return now is None or past.start() > now.start()
    arrow = _ARROW.search(text)
    return arrow is not None and end <= arrow.start()


def is_replaced(text: str, at: int) -> bool:
    """Tell whether the value at `at` is named as what another took the place of: "instead of 5", «вместо 5»."""
    before = text[max(0, at - 24) : at].casefold().rstrip(" ~≈$€")
    return before.endswith(("instead of", "rather than", "вместо", " not", " а не", "in place of"))


def modality_of(text: str) -> str:
    """Give "must_not", "should_not", "must", "may", or "" where nothing binds; "free" needs are "may"."""
    if _SHOULD_NOT.search(text):
        return "should_not"
    if _FREE.search(text):
        return "free"
    if _MUST_NOT.search(text) or _ORDER.match(text):
        return "must_not"
    if _MUST.search(text):
        return "must"
    return "may" if _MAY.search(text) else ""


def may_bind(folded: Iterable[str]) -> bool:
    """Tell whether `modality_of` can find anything: whether one of the words, folded, is of its phrases."""
    return not _BINDING.isdisjoint(folded)


def may_deny(folded: Iterable[str]) -> bool:
    """Tell whether `negations_in` can find anything among the words, folded."""
    return any(word in NEGATIONS or word in _DENYING or word.endswith("n't") for word in folded)


def negations_in(text: str) -> bool:
    """Tell whether a clause denies what it names: "not without" affirms, «никогда не» denies once."""
    masked = _LIMITS.sub(lambda match: " " * len(match.group()), text)
    english = russian = without = 0
    for word in words(masked):
        folded = fold(word.text)
        if folded in _WITHOUT:
            without += 1
        elif folded in _ENGLISH_NOTS or folded.endswith("n't"):
            english += 1
        elif folded in NEGATIONS:
            russian += 1
    denied = bool(russian) or english % 2 == 1
    return denied != (without % 2 == 1)
