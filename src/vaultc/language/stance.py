"""Whether a sentence states something: negated, asked, supposed, told by another, or no longer so."""

from __future__ import annotations

import re

from vaultc.language.lexicon import listed
from vaultc.language.phrases import Phrasebook, folded_words, without_quoted
from vaultc.language.stems import fold

_TRAILING_MARKS = " \t\r\n\u00a0\"'»”’)]}*_~=`"
_QUESTION_LABEL = re.compile(
    r"[\s>*_#-]{0,20}(?:\[.\]\s{0,3})?\**"
    r"(?:open question|question|вопрос|открытый вопрос|q|tbd|непонятно|неясно)s?\**\s?[:?—–-]",
    re.IGNORECASE,
)
_INDIRECT = Phrasebook(
    [
        ("q", "wonder if; wonder whether; wondering if; wondering whether; not sure if; not sure whether; unclear if"),
        (
            "q",
            "unclear whether; don't know if; don't know whether; do not know whether; asked whether; asked if;"
            "undecided",
        ),
        ("q", "ask whether; decide whether; question whether; question is whether; doubt whether; doubt if"),
        ("q", "не знаю; непонятно; неясно; не ясно; не понятно; интересно что; под вопросом; надо понять; надо решить"),
        ("q", "to be decided; to be determined; open question; tbd"),
    ]
)
# «Нужно ли …», «Есть ли …»: «проверить, пуст ли бак» is a task, not a question.
_LI = re.compile(r"[\s>*_#«-]{0,20}(?:\[.\]\s)?(?:[^\W\d_]{1,20}[ \u00a0]){1,2}ли(?!\w)(?!\s?ли)", re.IGNORECASE)
_WHETHER = re.compile(r"[\s>*_#-]{0,20}whether(?!\w)", re.IGNORECASE)
_RATHER = re.compile(r"(?:едва|вряд|чуть|то|мало)[ -]ли", re.IGNORECASE)
_HYPOTHETICAL = Phrasebook(
    [
        ("h", "would; could be; could have; might; might be; maybe; perhaps; possibly; supposedly; suppose; supposing"),
        (
            "h",
            "what if; if only; assume; assuming; hypothetically; imagine; in theory; if it were; could well",
        ),
        ("h", "i think; i guess; i believe; not sure; probably; likely; unlikely; presumably; seems; seem; apparently"),
        ("h", "если бы; бы; б; возможно; может быть; быть может; допустим; предположим; наверное; наверно; вероятно"),
        ("h", "похоже; кажется; видимо; по-видимому; скорее всего; представим; теоретически; в теории; а если"),
        (
            "h",
            "что если; якобы; пожалуй; думаю; не уверен; не уверена; предположительно; гипотетически; мог бы; могла бы",
        ),
    ]
)
_NO_HYPOTHESIS = Phrasebook(
    [
        (
            "n",
            "может быть; мог бы; хорошо бы; хотелось бы; хотя бы; как бы; would like; would be good; would be nice",
        )
    ]
)
_REPORTED = Phrasebook(
    [
        (
            "r",
            "said; claims; claimed; according to; argues; argued; insists; insisted; allegedly; they say",
        ),
        ("r", "states that; stated that; thinks that; believes that; in his opinion; in her opinion; in their opinion"),
        ("r", "сказал; сказала; сказали; по словам; утверждает; утверждают"),
        ("r", "утверждал; утверждала; по мнению; цитирую; цитата; заявил; заявила; заявляет; рассказал; рассказала"),
        ("r", "рассказывает; уверяет; уверял; якобы; мол; дескать; считает что; считают что; думает что"),
        ("p", "says; say; told; tells; говорит; говорят; говорил; говорила; говорили"),
        # What a program does too: these need a colon, a quotation or "that" beside them.
        ("v", "writes; wrote; reports; reported; suggested; suggests; quoted; quotes; mentioned; announced; promises"),
        ("v", "thinks; believes; пишет; пишут; писал; писала; написал; написала; считает; считают; считал; считала"),
        ("v", "обещает; обещал; обещала; ответил; ответила; упомянул; упомянула; сообщил; сообщила; сообщает"),
        ("v", "предложил; предложила; думает; отметил; отметила"),
    ]
)
_PERSONS = listed("he she they we i you everyone everybody somebody someone он она они мы все кто-то никто")
_SPEECH_BEHIND = re.compile(
    r"[ \u00a0]?(?:[:«“\"]|,[ \u00a0](?:что|как)(?!\w)|[ \u00a0](?:that|что)(?!\w))", re.IGNORECASE
)


def is_question(sentence: str) -> bool:
    """Tell whether `sentence` asks, directly or not: a question mark at its end, "whether", «ли», "Question:"."""
    stripped = sentence.rstrip(_TRAILING_MARKS)
    if stripped.endswith(("?", "?!", "!?")) or _QUESTION_LABEL.match(sentence):
        return True
    _, folded = folded_words(sentence)
    if _INDIRECT.hits(folded):
        return True
    return (_LI.match(_RATHER.sub(" ", sentence)) or _WHETHER.match(sentence)) is not None


def is_hypothetical(sentence: str) -> bool:
    """Tell whether `sentence` supposes rather than states: would, maybe, «бы», «возможно», «допустим»."""
    _, folded = folded_words(without_quoted(sentence))
    hits = _HYPOTHETICAL.hits(folded)
    excused = {at for hit in _NO_HYPOTHESIS.hits(folded) for at in range(hit.first, hit.last + 1)}
    if any(hit.first not in excused for hit in hits):
        return True
    # «может быть» is "perhaps" at the beginning or between commas, a permission elsewhere.
    return (
        re.match(r"[\s>*_-]{0,20}(?:может быть|maybe)(?!\w)|.{0,400}, может быть,", sentence, re.IGNORECASE) is not None
    )


def is_reported(sentence: str) -> bool:
    """Tell whether `sentence` tells what another said: says, according to, «по словам».

    A quotation that is marked by its block (`>`) is known from the block, not from here.
    """
    found, folded = folded_words(without_quoted(sentence))
    for hit in _REPORTED.hits(folded):
        start, end = found[hit.first].start, found[hit.last].end
        neighbours = [
            word.text for word in found[max(0, hit.first - 1) : hit.first] + found[hit.last + 1 : hit.last + 2]
        ]
        is_person = any(word[0].isupper() or fold(word) in _PERSONS for word in neighbours)
        is_aside = sentence[max(0, start - 2) : start].strip(" \u00a0") in (",", "—", "–", "»", "”")
        if hit.label == "r" or (hit.label == "p" and is_person) or is_aside or _SPEECH_BEHIND.match(sentence, end):
            return True
    return False
