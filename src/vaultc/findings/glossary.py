"""A small glossary of everyday words in both languages: words of one line are one concept.

It joins notes that speak of the same thing in two languages. Titles and aliases of notes go before it,
because there the person says what is the same. Each line: English forms, a bar, Russian forms; the first
word names the concept. Words are compared by stem, so a line lists only forms whose stems differ.
"""

from __future__ import annotations

from functools import lru_cache

from vaultc.language.stems import stem
from vaultc.language.translit import english_of, transliterate

_NOUNS = """
pump | насос помпа
greenhouse hothouse | теплица парник
valve | клапан вентиль
tap faucet | кран
door | дверь двери дверей
gate | калитка ворота ворот
window | окно окна окон
roof | крыша
wall | стена
floor | пол полу пола
ceiling | потолок потолка
cellar basement | подвал погреб
garage | гараж
garden | сад огород
bed | грядка кровать
tank reservoir | бак резервуар
barrel | бочка бочки бочек
hose | шланг
pipe tube | труба трубка
filter | фильтр
sensor probe | датчик сенсор
controller | контроллер
board | плата
relay | реле
motor engine | мотор двигатель
fan | вентилятор
heater | обогреватель нагреватель
boiler | котёл котла бойлер
radiator | радиатор батарея
battery accumulator | аккумулятор акб
panel | панель
charger | зарядка зарядное
lamp | лампа светильник
light lighting | свет освещение подсветка
switch | выключатель
cable wire | кабель провод
adapter supply | адаптер питания
fridge refrigerator | холодильник
oven | духовка
stove cooker | плита печь
washer washing | стиралка стиральный
car | машина автомобиль авто
bike bicycle | велосипед
train | поезд электричка
bus | автобус
flight plane | рейс самолёт
ticket | билет
hotel | отель гостиница
room | комната номер кабинет
office | офис
kitchen | кухня
bathroom | ванная
bedroom | спальня
house home | дом
apartment flat | квартира
building | здание
school | школа
shop store | магазин
library | библиотека
museum | музей
hospital clinic | больница клиника
doctor | врач доктор
dentist | стоматолог
medicine drug | лекарство препарат
vitamin | витамин
tablet pill | таблетка
dose dosage | доза дозировка
cat | кот кошка
dog | собака пёс пса
chicken hen | курица куры кур
plant | растение
tomato | томат помидор
cucumber | огурец огурцы огурцов
seed | семена семя семян
soil | почва грунт
water | вода
rain | дождь дождя
tea | чай
coffee | кофе
milk | молоко молока
bread | хлеб
flour | мука
dough | тесто теста
sourdough starter | закваска
salt | соль
sugar | сахар
yeast | дрожжи
soup | суп
recipe | рецепт
oil | масло
paint | краска
glue | клей
screw | винт шуруп
bolt | болт
nut | гайка
key | ключ
lock | замок замка
alarm | сигнализация
camera | камера
phone | телефон
computer pc | компьютер
laptop | ноутбук
server | сервер
router | роутер маршрутизатор
disk drive | диск
printer | принтер
display screen | экран дисплей
keyboard | клавиатура
network | сеть
database db | база бд
backup | бэкап резервная
file | файл
folder directory | папка каталог
table | таблица
log | лог журнал
report | отчёт
request | запрос
response reply | ответ
message | сообщение
mail email | почта письмо
password | пароль
token | токен
user | пользователь
customer client | клиент заказчик
order | заказ
payment | платёж платежа оплата
invoice bill | счёт счета
subscription | подписка
rent | аренда
deposit | залог депозит
salary wage | зарплата оклад
tax | налог
insurance | страховка страхование
loan credit | кредит
mortgage | ипотека
contract agreement | договор контракт
warranty guarantee | гарантия
supplier vendor | поставщик
delivery shipping | доставка
package parcel | посылка
meeting call | встреча совещание созвон
standup | стендап планёрка
lecture | лекция
lesson class | урок занятие
course | курс
exam | экзамен
workshop | мастерская воркшоп
conference | конференция
training workout | тренировка
talk presentation | доклад презентация
trip journey travel | поездка путешествие
holiday vacation | отпуск каникулы
birthday | рождения
wedding | свадьба
concert | концерт
book | книга
article | статья
chapter | глава
page | страница
note | заметка
photo picture image | фото фотография снимок
video | видео
song | песня
game | игра
project | проект
task | задача
team | команда
member participant | участник
developer | разработчик
release | релиз выпуск
prototype | прототип
test | тест проверка
code | код
app application | приложение
site website | сайт
page | страница
button | кнопка
form | форма
service | сервис служба
bot | бот
device | устройство прибор
machine | станок
tool | инструмент
case enclosure housing | корпус
box | коробка ящик
shelf | полка
drawer | шкафчик
cupboard cabinet | шкаф
bag backpack | сумка рюкзак
desk | стол
chair | стул
sofa | диван
mirror | зеркало
clock watch | часы
timer | таймер
thermostat | термостат
thermometer | термометр
boat | лодка
river | река
lake | озеро
sea | море
forest wood | лес
mountain | гора
road | дорога
bridge | мост
city town | город
village | деревня
neighbour neighbor | сосед
child kid | ребёнок дети детей
parent | родитель
brother | брат
sister | сестра
mother mom | мама мать
father dad | папа отец
wife | жена
husband | муж
guest visitor | гость гостя
manager | менеджер
teacher | учитель преподаватель
student | студент
data | данные
account | аккаунт учётная
access | доступ
cloud | облако
memory ram | память
processor cpu | процессор
signal | сигнал
channel | канал
sample | образец проба
layer | слой
group | группа
line | линия строка
point | точка
part | часть деталь
size | размер
ration | рацион корм
hive | улей улья
bee | пчела
honey | мёд мёда
firewood | дрова дров
stage | этап стадия
tide | прилив
"""

_VERBS = """
use | использовать используется используем применять применяется
store keep kept | хранить хранится храним
save | сохранять сохранить сохраняет
send sent | отправлять отправлять отправляет отправить шлёт посылает
write written | писать пишет записывать записывает
read | читать читает
support | поддерживать поддерживает
work | работать работает
require need | требовать требует требуется нужен нужно нужна нужны
allow permit | разрешать разрешено разрешает
water irrigate | поливать полив поливает полить поливаем
wash | мыть моют моем стирать стирает стираем
dry | сушить сушит сушка
clean | чистить чистит
heat | греть греет нагревать нагревает топить топит
freeze frozen | замораживать замерзает
charge | заряжать заряжает
lock | запирать запирает запираем запирается заперта заперт закрывать
connect | подключать подключается подключён
install | устанавливать установить установлен установка
replace change | заменять заменить менять меняем меняет
remove delete | удалять удаляет удалить
publish | публиковать публикуем публикует
buy bought purchase | купить покупаем куплен купили покупать
sell sold | продать продаём
order | заказать заказываем
test | тестировать
open | открывать открывается открыт
close shut | закрывается закрыт
eat ate | есть едим ест кушать
drink drank | пить пьёт
feed fed | кормить кормим кормит
sleep | спать
smoke | курить
run | запускать запускается
stop | останавливать останавливается
cover | накрывать укрывать
mix | смешивать мешать
add | добавлять добавить добавляем
share | делиться делимся
sync synchronise | синхронизировать синхронизируется
encrypt | шифровать шифруется зашифрованный
include | включать включает входит
contain | содержать содержит
print | печатать печатает
park | парковать парковаться
enter | входить
leave | оставлять оставить оставляем
"""

# What two words name together, and neither of them alone.
_PHRASES = """
psu: power supply|power adapter|блок питания|адаптер питания
washer: washing machine|стиральная машина
vacuum: vacuum cleaner|пылесос
living-room: living room|гостиная комната
solar-panel: solar panel|солнечная панель
power-bank: power bank|внешний аккумулятор
hard-disk: hard drive|hard disk|жёсткий диск
credit-card: credit card|bank card|кредитная карта|банковская карта
water-heater: water heater|водонагреватель
air-conditioner: air conditioner|кондиционер
data-centre: data center|data centre|дата центр
first-aid: first aid|первая помощь
driving-licence: driving licence|driver licence|водительские права
"""


@lru_cache(maxsize=1)
def phrases() -> dict[tuple[str, str], str]:
    """Map the stems of two words that name one thing together to its concept."""
    found: dict[tuple[str, str], str] = {}
    for line in _PHRASES.strip().splitlines():
        name, _, forms = line.partition(": ")
        for form in forms.split("|"):
            parts = form.split()
            if len(parts) == 2:
                found[stem(parts[0]), stem(parts[1])] = name
    return found


@lru_cache(maxsize=1)
def _singles() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _PHRASES.strip().splitlines():
        name, _, forms = line.partition(": ")
        found.update({stem(form): name for form in forms.split("|") if " " not in form})
    return found


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    found = dict(_singles())
    for line in (_NOUNS + _VERBS).strip().splitlines():
        forms = line.replace("|", " ").split()
        for form in forms:
            found.setdefault(_mended(stem(form)), forms[0])
    return found


def _mended(word_stem: str) -> str:
    """Give a Russian stem without what may be an ending: «диплом» and «диплома» are cut differently."""
    if len(word_stem) > 5 and not word_stem.isascii() and word_stem.endswith(("ом", "ем", "ам")):
        return word_stem[:-2]
    return word_stem


def _bare(word_stem: str) -> str:
    """Give a stem in Latin letters without its last vowels: «Зефирка», «Зефирки» and "Zefirka" are one."""
    key = word_stem if word_stem.isascii() else transliterate(word_stem)
    trimmed = key.rstrip("aeiouyj")
    return trimmed if len(trimmed) > 2 else key or word_stem


@lru_cache(maxsize=100_000)
def concept(word: str) -> str:
    """Give the concept of a word: that of its glossary line, or else its stem.

    A Russian word that only the glossary of names knows is taken by its English name, so that both
    languages meet there too.
    """
    word_stem = _mended(stem(word))
    found = _table().get(word_stem)
    if found is not None:
        return found
    english = None if word.isascii() else english_of(word)
    if english and "_" not in english:
        english_stem = stem(english)
        return _table().get(english_stem, _bare(english_stem))
    return _bare(word_stem)


def is_unknown(word: str) -> bool:
    """Tell whether neither glossary has the word: it may be a name."""
    return _mended(stem(word)) not in _table() and (word.isascii() or not english_of(word))
