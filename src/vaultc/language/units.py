"""Units of measure: their dimension and size here, their names in Russian and English in the lexicon."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from vaultc.language.lexicon import entries


@dataclass(frozen=True, slots=True)
class MeasureUnit:
    """A unit: `factor` and `offset` give the base unit of the dimension: base = value * factor + offset."""

    name: str
    dimension: str
    base: str
    factor: float
    offset: float = 0.0


# A dimension and its base unit, then its units: name | factor.
_TABLE = """
mass kg
mg | 1e-6
g | 0.001
kg | 1
t | 1000
lb | 0.45359237
oz | 0.028349523125
length m
um | 1e-6
mm | 0.001
cm | 0.01
m | 1
km | 1000
inch | 0.0254
ft | 0.3048
mile | 1609.344
time s
ns | 1e-9
us | 1e-6
ms | 0.001
s | 1
min | 60
h | 3600
day | 86400
week | 604800
calendar month
month | 1
quarter | 3
year | 12
temperature °C
°C | 1
°F | 1
K | 1
volume l
ml | 0.001
cl | 0.01
l | 1
m³ | 1000
gal | 3.785411784
area m²
cm² | 0.0001
m² | 1
are | 100
ha | 10000
km² | 1e6
data B
bit | 0.125
Kbit | 125
Mbit | 125000
Gbit | 1.25e8
B | 1
kB | 1e3
MB | 1e6
GB | 1e9
TB | 1e12
KiB | 1024
MiB | 1048576
GiB | 1073741824
TiB | 1099511627776
frequency Hz
Hz | 1
kHz | 1e3
MHz | 1e6
GHz | 1e9
bpm | 0.016666666666666666
power W
mW | 0.001
W | 1
kW | 1e3
MW | 1e6
hp | 735.49875
energy Wh
Wh | 1
kWh | 1e3
mAh | 1
cal | 0.001162222
kcal | 1.162222
J | 0.0002777777777777778
voltage V
mV | 0.001
V | 1
kV | 1e3
current A
mA | 0.001
A | 1
pressure Pa
Pa | 1
kPa | 1e3
MPa | 1e6
mPa | 0.001
bar | 1e5
atm | 101325
psi | 6894.757293168
length/time m/s
mph | 0.44704
knot | 0.5144444444444445
data/time B/s
Mbps | 125000
Gbps | 1.25e8
kbps | 125
ratio %
% | 1
‰ | 0.1
light lx
lx | 1
lm | 1
sound dB
dB | 1
angle °
° | 1
tokens token
token | 1
pixels px
px | 1
dpi | 1
EUR EUR
EUR | 1
cent | 0.01
USD USD
USD | 1
GBP GBP
GBP | 1
RUB RUB
kop | 0.01
RUB | 1
JPY JPY
JPY | 1
CNY CNY
CNY | 1
UAH UAH
UAH | 1
KZT KZT
KZT | 1
GEL GEL
GEL | 1
CHF CHF
CHF | 1
"""
_CURRENCIES = frozenset({"EUR", "USD", "GBP", "RUB", "JPY", "CNY", "UAH", "KZT", "GEL", "CHF"})
_OFFSETS = {"°F": (5 / 9, -160 / 9), "K": (1.0, -273.15)}
_EXACT = "exact."


@functools.cache
def _units() -> dict[str, MeasureUnit]:
    found: dict[str, MeasureUnit] = {}
    dimension = base = ""
    for line in _TABLE.strip().splitlines():
        if "|" not in line:
            dimension, base = line.split()
            continue
        name, factor = (cell.strip() for cell in line.split("|"))
        scale, offset = _OFFSETS.get(name, (float(factor), 0.0))
        found[name] = MeasureUnit(name, "currency" if dimension in _CURRENCIES else dimension, base, scale, offset)
    return found


@functools.cache
def _forms() -> tuple[dict[str, MeasureUnit], dict[str, MeasureUnit]]:
    """Give the units by folded form, and by the forms that are read with their case."""
    units, table = _units(), entries("units")
    endings = ("", *table["endings"])
    folded: dict[str, MeasureUnit] = {}
    exact: dict[str, MeasureUnit] = {}
    for name in (*units, *(_EXACT + name for name in units)):
        for form in table.get(name, ()):
            for ending in endings if form.endswith("*") else ("",):
                known = exact if name.startswith(_EXACT) else folded
                known.setdefault(form.rstrip("*") + ending, units[name.removeprefix(_EXACT)])
    return folded, exact


def unit_named(name: str) -> MeasureUnit | None:
    """Give the unit of the canonical name `name`."""
    return _units().get(name)


def unit_of(form: str) -> MeasureUnit | None:
    """Give the unit that is written as `form`, or None. A full stop at the end is no part of `form`."""
    folded, exact = _forms()
    if form in exact:
        return exact[form]
    return folded.get(form.casefold().replace("ё", "е").replace("ºc", "°c"))
