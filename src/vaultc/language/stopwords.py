"""Words that carry grammar and not content, Russian and English, in the folded form of `stems.fold`."""

from __future__ import annotations

from vaultc.language.lexicon import listed

NEGATIONS: frozenset[str] = listed(
    """
    не ни нет нету никто ничто никого ничего никому ничему никем ничем никогда нигде никуда никак никакой
    никакая никакое никакие никаких никаким без нельзя no not none nor neither never nobody nothing nowhere
    without cannot can't don't doesn't didn't isn't aren't wasn't weren't won't wouldn't shouldn't mustn't
    couldn't hasn't haven't hadn't needn't
    """
)
"""Words that turn a statement round; all of them are stopwords too."""

MODALS: frozenset[str] = listed(
    """
    должен должна должно должны обязан обязана обязано обязаны надо нужно нужен нужна нужны необходимо требуется
    следует нельзя можно может могут мог могла могли могло можем можешь можете могу стоит желательно must shall
    should may might can could cannot ought need needs would will won't can't shouldn't mustn't
    """
)
"""Words that say how binding a statement is; all of them are stopwords too, except those that are also nouns."""

_RUSSIAN = listed(
    """
    а без бы был была были было быть в вам вами вас ваш ваша ваше ваши весь вдоль вместо вне во вокруг вот все
    всего всей всем всеми всему всех всю вся вы где да даже для до другая другие другим других другое другой его
    едва ее ей ему если есть еще ею ж же за зато и из из-за изо или им ими их к каждая каждое каждые каждый
    кажется как сколько скольких скольким какая какие каким каких
    каков какого какое какой каком какую ко когда кого кому которая которого
    которое которой котором которому которую которые который которых которым которыми кем кроме кто куда ли либо
    лишь между меня мне мной мною мои моего моей моем моему моих мой мою моя мое мы на над надо нам нами нас наш
    наша наше нашей наши нашего них ней нем нею нему него ним ними но ну о об оба обе обо один одна одни одно
    однако он она они оно от ото очень перед передо по под подо пока пор после потом потому почти при про просто
    против с сам сама сами само самого самой самом саму самый самая самое самые свое своего своей своем своему
    свои своих свой свою своя себе себя сейчас со собой собою совсем среди сюда так такая также такие таким
    таких такого такое такой таком такую там тебе тебя тем теми теперь тех то тобой тобою тогда того тоже той
    только том тому тот тою ту туда тут ты те у уж уже хотя чего чей чем через что чтоб чтобы чуть чье чьи чья
    эта эти этим этими этих это этого этой этом этому этот эту этою будем будет будете будешь буду будут будучи
    являться является являются т е д п др пр тд тп ведь вроде всегда именно иначе итак наверное разве раз сразу
    снова затем зачем почему поэтому также-то ваших ним нас впрочем значит кстати хоть якобы
    """
)

_ENGLISH = listed(
    """
    a about above across after again against all almost along already also although always am among an and any
    are as at be because been before being below between both but by did do does doing done down during each
    either else etc even ever every few for from further get gets got had has have having he her here hers
    herself him himself his how however i if in into is it it's its itself just let's like me more most much my
    myself of off on once one only onto or other our ours ourselves out over own per quite rather really same
    she since so some such than that that's the their theirs them themselves then there there's these they this
    those though through thus to too under until up upon us very was we were what what's when where whereas
    whether which while who whom whose why with within yes yet you your yours yourself yourselves i'm i've i'd
    i'll you're you've you'll he's she's we're we've we'll they're they've they'll e.g i.e eg ie unless except plus
    minus according via vs s t d ll
    re ve m
    """
)

STOPWORDS: frozenset[str] = _RUSSIAN | _ENGLISH | NEGATIONS | MODALS
"""All function words of both languages."""


def is_stopword(word: str) -> bool:
    """Tell whether `word`, in any case and with or without ё, is a function word."""
    return word.casefold().replace("ё", "е").replace("’", "'") in STOPWORDS
