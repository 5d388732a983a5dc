"""Abbreviations with a full stop, folded, without their last stop. Written for notes in Russian and English."""

from __future__ import annotations

from vaultc.language.lexicon import listed

NEVER_END: frozenset[str] = listed(
    """
    англ лат нем фр исп греч букв
    т.е т.к т.н т.ч напр см ср им проф акад доц инж гр ред сост авт изд рис табл илл прим прибл e.g i.e eg ie vs
    cf approx fig figs eq eqs esp incl mr mrs ms dr prof st mt gen rep sen gov capt lt col sgt
    """
)
"""A sentence does not end here, whatever follows."""

BEFORE_NAME: frozenset[str] = listed(
    """
    ул пл пер просп наб бул корп кв оф пос дер обл р-н им тов св гос ген полк лейт гл ст п пп стр абз ч т кн вып
    """
)
"""A name or a number follows."""

BEFORE_NUMBER: frozenset[str] = listed(
    """
    no nos nr num p pp vol ch sec art ver v стр с рис табл гл п пп ст № кв д корп вып тел мин макс
    """
)
"""Ends a sentence unless a number follows."""

MAY_END: frozenset[str] = listed(
    """
    т.д т.п др пр проч г гг в вв н.э руб коп тыс млн млрд мин сек час кг гр км см мм шт ед чел мес нед стр экз
    долл евро янв фев февр мар апр авг сент сен окт ноя нояб дек пн вт ср чт пт сб вс темп макс миним ок прибл
    соотв назв доп осн кол-во к-рый обяз раб дн след посл etc al inc ltd co corp jr sr a.m p.m u.s u.k e.u jan
    feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun min max temp avg
    resp dept est misc sec hr hrs wk wks yr yrs lb lbs oz ft
    """
)
"""A sentence ends here only if what follows does not begin with a small letter."""
