"""Units of measure: their names in Russian and English, their dimension, and their size in its base unit."""

from __future__ import annotations

import functools
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasureUnit:
    """A unit: `factor` and `offset` give the base unit of the dimension: base = value * factor + offset."""

    name: str
    dimension: str
    base: str
    factor: float
    offset: float = 0.0


# name | factor | forms. `*` stands for the endings of a Russian noun; forms are folded unless listed in _EXACT.
_TABLE = """
mass kg
mg | 1e-6 | мг миллиграмм* mg milligram milligrams
g | 0.001 | г гр грамм* g gram grams gramme grammes
kg | 1 | кг килограмм* кило kg kgs kilo kilos kilogram kilograms
t | 1000 | т тонн* t tonne tonnes
lb | 0.45359237 | фунт* lb lbs pound pounds
oz | 0.028349523125 | унци* oz ounce ounces
length m
um | 1e-6 | мкм микрон* µm um micron microns
mm | 0.001 | мм миллиметр* mm millimetre millimetres millimeter millimeters
cm | 0.01 | см сантиметр* cm centimetre centimetres centimeter centimeters
m | 1 | м метр* m metre metres meter meters
km | 1000 | км километр* km kms kilometre kilometres kilometer kilometers
inch | 0.0254 | дюйм* inch inches
ft | 0.3048 | ft foot feet
mile | 1609.344 | мил* mile miles
time s
ns | 1e-9 | нс ns nanosecond nanoseconds
us | 1e-6 | мкс us µs microsecond microseconds
ms | 0.001 | мс миллисекунд* ms millisecond milliseconds
s | 1 | с сек секунд* секундочк* s sec secs second seconds
min | 60 | мин минут* минутк* min mins minute minutes
h | 3600 | ч час* h hr hrs hour hours
day | 86400 | д дн день дня дней дни дню днем днями днях сут сутки суток d day days
week | 604800 | нед недел* недель неделю w wk wks week weeks
calendar month
month | 1 | мес месяц* месяцев month months mo mos
quarter | 3 | квартал* quarter quarters
year | 12 | год* лет yr yrs year years
temperature °C
°C | 1 | °c °с ºc ℃ градус* degree degrees celsius
°F | 1 | °f ºf ℉ fahrenheit
K | 1 | kelvin кельвин*
volume l
ml | 0.001 | мл миллилитр* ml millilitre millilitres milliliter milliliters cm³ см³ cc
cl | 0.01 | cl
l | 1 | л литр* l litre litres liter liters dm³ дм³
m³ | 1000 | м³ м3 m³ m3 куб кубометр* кубов
gal | 3.785411784 | галлон* gallon gallons
area m²
cm² | 0.0001 | см² cm²
m² | 1 | м² м2 m² m2
are | 100 | сотк* соток
ha | 10000 | га гектар* ha hectare hectares
km² | 1e6 | км² km²
data B
bit | 0.125 | бит* bit bits
Kbit | 125 | кбит kbit
Mbit | 125000 | мбит mbit megabit megabits
Gbit | 1.25e8 | гбит gbit gigabit gigabits
B | 1 | байт* byte bytes
kB | 1e3 | кб килобайт* kb kilobyte kilobytes
MB | 1e6 | мб мегабайт* mb megabyte megabytes
GB | 1e9 | гб гигабайт* gb gigabyte gigabytes
TB | 1e12 | тб терабайт* tb terabyte terabytes
KiB | 1024 | кибибайт* kib
MiB | 1048576 | мебибайт* mib
GiB | 1073741824 | гибибайт* gib
TiB | 1099511627776 | tib
frequency Hz
Hz | 1 | гц герц* hz hertz
kHz | 1e3 | кгц килогерц* khz
MHz | 1e6 | мгц мегагерц* mhz
GHz | 1e9 | ггц гигагерц* ghz
bpm | 0.016666666666666666 | bpm rpm
power W
mW | 0.001 | мвт_
W | 1 | вт ватт* watt watts
kW | 1e3 | квт киловатт* kw kilowatt kilowatts
MW | 1e6 | мегаватт* megawatt megawatts
hp | 735.49875 | лс hp horsepower
energy Wh
Wh | 1 | вт·ч wh
kWh | 1e3 | квт·ч квтч квт*ч_ kwh
mAh | 1 | мач ма·ч mah
cal | 0.001162222 | кал
kcal | 1.162222 | ккал килокалори* kcal calorie calories калори*
J | 0.0002777777777777778 | дж джоул* joule joules
voltage V
mV | 0.001 | мв mv
V | 1 | вольт* volt volts
kV | 1e3 | кв_ kv
current A
mA | 0.001 | ма миллиампер* ma
A | 1 | ампер* amp amps ampere amperes
pressure Pa
Pa | 1 | па паскал* pa
kPa | 1e3 | кпа kpa
MPa | 1e6 | мпа mpa
bar | 1e5 | бар* bar bars
atm | 101325 | атм атмосфер* atm
psi | 6894.757293168 | psi
length/time m/s
mph | 0.44704 | mph
knot | 0.5144444444444445 | узл* knots
data/time B/s
Mbps | 125000 | mbps
Gbps | 1.25e8 | gbps
kbps | 125 | kbps
ratio %
% | 1 | % процент* percent pct проц
‰ | 0.1 | ‰
light lx
lx | 1 | лк люкс* lx lux
lm | 1 | лм люмен* lm lumen lumens
sound dB
dB | 1 | дб децибел* db decibel decibels
angle °
° | 1 | °
tokens token
token | 1 | токен* token tokens
pixels px
px | 1 | пикс пиксел* px pixel pixels
dpi | 1 | dpi
EUR EUR
EUR | 1 | € eur euro euros евро
cent | 0.01 | cent cents евроцент*
USD USD
USD | 1 | $ usd dollar dollars bucks доллар* долл баксов
GBP GBP
GBP | 1 | £ gbp
RUB RUB
коп | 0.01 | коп копе* копеек копейк*
RUB | 1 | ₽ rub руб рубл* рублей р rur ruble rubles rouble roubles
JPY JPY
JPY | 1 | ¥ jpy yen иен*
CNY CNY
CNY | 1 | cny yuan юан*
UAH UAH
UAH | 1 | ₴ uah гривен гривн*
KZT KZT
KZT | 1 | ₸ kzt тенге
GEL GEL
GEL | 1 | ₾ gel лари
CHF CHF
CHF | 1 | chf франк*
"""
# Read with their case: small letters mean another unit or no unit at all.
_EXACT = {
    "В": "V", "V": "V", "А": "A", "A": "A", "W": "W", "mW": "mW", "мВт": "mW", "MW": "MW", "МВт": "MW", "K": "K",
    "К": "K",
    "C": "°C", "С": "°C", "F": "°F", "кВ": "kV", "B": "B", "Б": "B", "J": "J", "кВт*ч": "kWh",
    "Mb": "MB", "Wh": "Wh",
}  # fmt: skip
_ENDINGS = (
    *("", "а", "у", "ом", "е", "ы", "и", "ов", "ам", "ами", "ах", "ей", "я", "ю", "ем"),
    *("ям", "ями", "ях", "ой", "ь", "ев", "ка", "ки", "ку", "ок", "ек", "ия", "ий", "ии", "ию", "ья"),
)
_CURRENCIES = frozenset({"EUR", "USD", "GBP", "RUB", "JPY", "CNY", "UAH", "KZT", "GEL", "CHF"})
_OFFSETS = {"°F": (5 / 9, -160 / 9), "K": (1.0, -273.15)}


@functools.cache
def _units() -> tuple[dict[str, MeasureUnit], dict[str, MeasureUnit]]:
    """Give the units by form and by name."""
    by_form: dict[str, MeasureUnit] = {}
    by_name: dict[str, MeasureUnit] = {}
    dimension = base = ""
    for line in _TABLE.strip().splitlines():
        if "|" not in line:
            dimension, base = line.split()
            continue
        name, factor, forms = (cell.strip() for cell in line.split("|"))
        scale, offset = _OFFSETS.get(name, (float(factor), 0.0))
        unit = MeasureUnit(name, "currency" if dimension in _CURRENCIES else dimension, base, scale, offset)
        by_name[name] = unit
        for form in forms.split():
            if form.endswith("_"):
                continue
            for ending in _ENDINGS if form.endswith("*") else ("",):
                by_form.setdefault(form.rstrip("*") + ending, unit)
    return by_form, by_name


def unit_named(name: str) -> MeasureUnit | None:
    """Give the unit of the canonical name `name`."""
    return _units()[1].get(name)


def unit_of(form: str) -> MeasureUnit | None:
    """Give the unit that is written as `form`, or None. A full stop at the end is no part of `form`."""
    exact = _EXACT.get(form)
    if exact:
        return _units()[1][exact]
    folded = form.casefold().replace("ё", "е").replace("ºc", "°c")
    if folded in {"в", "а", "к", "с", "c", "f", "k", "v"} and form != "с":
        return None
    return _units()[0].get(folded)
