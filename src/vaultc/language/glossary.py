"""Russian words as they are named in code. A list of common words, read by stem; no full dictionary."""

from __future__ import annotations

NOUNS = """
адрес address; алгоритм algorithm; анализ analysis; архив archive; архитектура architecture; аккаунт account; база
base; бак tank; баланс balance; баллон cylinder; банк bank; батарея battery; библиотека library; бот bot; браузер
browser; будильник alarm_clock; бюджет budget; бочка barrel; блок block; блокнот notebook; вентилятор fan; версия
version; вес weight; вечер evening; вид kind; видео video; владелец owner; влажность humidity; влага moisture;
вложение attachment; вода water; возраст age; вопрос question; время time; встреча meeting; вход entry; вывод output;
выдержка excerpt; выходные weekend; ветер wind; ввод input; выбор choice; выборка selection; голос voice; город city;
грамм gram; граница bound; граф graph; график chart; группа group; грядка bed; год year; данные data; дата date;
датчик sensor; двигатель motor; движок engine; действие action; деньги money; день day; дерево tree; диапазон range;
диалог dialog; длина length; длительность duration; дневник diary; документ document; долг debt; дом house; доступ
access; дорога road; дождь rain; доска board; друг friend; диск disk; доход income; единица unit; емкость capacity;
еда food; журнал log; животное animal; жизнь life; жанр genre; заголовок heading; задача task; задание assignment;
задержка delay; заказ order; закладка bookmark; закон law; замер measurement; заметка note; замок lock; занятие
lesson; запас stock; запись record; запрос query; запрет ban; заявка request; звонок call; звук sound; знание
knowledge; значение value; зона zone; запуск start; защита protection; игра game; идея idea; изменение change; имя
name; инструмент tool; интервал interval; интерфейс interface; история history; источник source; итог total;
изображение image; индекс index; исключение exception; календарь calendar; камера camera; канал channel; карта map;
карточка card; картинка picture; категория category; качество quality; клапан valve; класс class; клиент client; ключ
key; книга book; кнопка button; код code; количество count; команда command; комментарий comment; компонент component;
комната room; контакт contact; контроллер controller; конфигурация config; копия copy; корзина basket; кошелек wallet;
курс course; куст bush; лампа lamp; лимит limit; линия line; список list; литр litre; логин login; лицо face; лист
sheet; личность person; магазин shop; максимум maximum; масса mass; материал material; машина machine; место place;
месяц month; метка label; метр metre; метод method; минимум minimum; минута minute; модель model; модуль module;
момент moment; мощность power; мысль thought; меню menu; морозилка freezer; мотор motor; нагрузка load; нагрев
heating; надпись caption; название title; напоминание reminder; насос pump; настройка setting; неделя week; номер
number; ночь night; норма norm; напряжение voltage; навык skill; наличие presence; область area; обложка cover; обзор
review; обновление update; оборудование equipment; образ image; обход traversal; объект object; объем volume; окно
window; операция operation; описание description; оплата payment; отметка mark; освещение lighting; остаток balance;
ответ answer; отдел department; отзыв feedback; отпуск vacation; отчет report; очередь queue; ошибка error; оценка
rating; опрос poll; отказ failure; отмена cancellation; остановка stop; пакет package; память memory; папка folder;
параметр parameter; пароль password; период period; письмо letter; план plan; платеж payment; площадь area; погода
weather; подписка subscription; подсказка hint; поиск search; показатель indicator; показание reading; покупка
purchase; поле field; полив watering; получатель recipient; пользователь user; помещение room; порог threshold; порт
port; порядок order; последовательность sequence; почва soil; почта mail; правило rule; право right; предел limit;
предмет item; предупреждение warning; прибор device; привычка habit; пример example; приоритет priority; причина
reason; проверка check; прогноз forecast; программа program; продукт product; проект project; процент percent; процесс
process; путь path; пункт item; пауза pause; питание power; посадка planting; посылка parcel; пометка mark; поток
flow; прогулка walk; повтор repeat; предложение proposal; протечка leak; продажа sale; поставщик supplier; пленка
film; помидор tomato; работа work; размер size; раздел section; разница difference; разряд category; расписание
schedule; расстояние distance; расход expense; расчет calculation; растение plant; реакция reaction; режим mode;
результат result; рецепт recipe; решение decision; ресурс resource; рассылка newsletter; рост growth; рукопись
manuscript; родитель parent; роль role; резерв reserve; реле relay; рассада seedling; регистрация registration;
резервуар reservoir; ребенок child; сад garden; сайт site; свет light; связь link; сеанс session; секунда second;
семья family; сервер server; сеть network; сигнал signal; система system; скидка discount; скорость speed; скрипт
script; слово word; слой layer; служба service; случай case; снимок snapshot; событие event; совет advice; содержание
content; сообщение message; состав composition; состояние state; сохранение saving; среда environment; срок deadline;
ссылка link; статус status; статья article; стоимость cost; страница page; строка line; структура structure; студент
student; сумма sum; схема scheme; сцена scene; счет account; счетчик counter; сутки day; сон sleep; словарь
dictionary; столбец column; сбой failure; сводка summary; таблица table; таймер timer; тег tag; текст text; телефон
phone; температура temperature; теплица greenhouse; тест test; тип type; товар product; топливо fuel; точка point;
транзакция transaction; требование requirement; тренировка workout; труба pipe; трата expense; трекер tracker; тревога
alarm; тишина silence; уведомление notification; угол angle; удобрение fertilizer; узел node; уровень level; урожай
harvest; урок lesson; условие condition; услуга service; устройство device; утечка leak; утро morning; участник
participant; участок plot; ученик pupil; учет accounting; учитель teacher; упражнение exercise; упоминание mention;
установка installation; файл file; фильтр filter; фото photo; формат format; форма form; формула formula; функция
function; фраза phrase; хранилище storage; хранение storage; ход move; холодильник fridge; цвет color; цель goal; цена
price; цикл cycle; цитата quote; час hour; часть part; частота frequency; человек person; чек receipt; число number;
читатель reader; чтение reading; член member; чат chat; черновик draft; шаблон template; шаг step; шкала scale; экран
screen; элемент element; энергия energy; этап stage; этаж floor; язык language; яркость brightness; ячейка cell;
экспорт export; импорт import; эксперимент experiment; поезд train; концевик limit_switch; авария emergency; сброс
reset; люди people; бирка tag; деталь part; мастер worker; скан scan; концовка ending; нехватка shortage
"""

VERBS = """
включить turn_on; включать turn_on; выключить turn_off; выключать turn_off; отключить disconnect; отключать
disconnect; показать show; показывать show; добавить add; добавлять add; удалить remove; удалять remove; считать
count; посчитать count; подсчитать count; проверить check; проверять check; отправить send; отправлять send; получить
get; получать get; создать create; создавать create; сохранить save; сохранять save; открыть open; открывать open;
закрыть close; закрывать close; изменить change; изменять change; менять change; обновить update; обновлять update;
читать read; прочитать read; писать write; записать record; записывать record; найти find; находить find; искать
search; запустить start; запускать start; остановить stop; останавливать stop; начать start; начинать start; закончить
finish; завершить finish; завершать finish; выбрать select; выбирать select; сравнить compare; сравнивать compare;
сортировать sort; фильтровать filter; измерить measure; измерять measure; хранить store; загрузить load; загружать
load; скачать download; импортировать import; экспортировать export; печатать print; напечатать print; вывести print;
выводить print; ввести enter; вводить enter; спросить ask; спрашивать ask; ответить answer; отвечать answer; напомнить
remind; напоминать remind; предупредить warn; предупреждать warn; уведомить notify; уведомлять notify; сообщить
report; сообщать report; отметить mark; отмечать mark; назначить assign; назначать assign; планировать plan;
запланировать plan; повторить repeat; повторять repeat; отменить cancel; отменять cancel; подтвердить confirm;
подтверждать confirm; разрешить allow; разрешать allow; запретить forbid; запрещать forbid; вычислить compute;
вычислять compute; рассчитать calculate; рассчитывать calculate; собрать collect; собирать collect; разобрать parse;
разбирать parse; разделить split; объединить merge; объединять merge; связать link; связывать link; поливать water;
полить water; использовать use; работать work; ждать wait; подождать wait; следить watch; управлять control;
регулировать regulate; выполнить execute; выполнять execute; установить set; устанавливать set; поставить put; взять
take; дать give; купить buy; продать sell; платить pay; оплатить pay; учитывать account; учесть account; заполнить
fill; заполнять fill; очистить clear; очищать clear; переименовать rename; копировать copy; скопировать copy;
переместить move; перемещать move; войти sign_in; выйти exit; построить build; строить build; превысить exceed;
превышать exceed; опросить poll; опрашивать poll; передать transmit; передавать transmit; принять accept; принимать
accept; описать describe; определить define; определять define; ограничить limit; восстановить restore;
восстанавливать restore; потерять lose; терять lose; делать do; сделать make; вести keep
"""

ADJECTIVES = """
новый new; старый old; последний last; первый first; следующий next; предыдущий previous; текущий current; общий
total; полный full; пустой empty; активный active; важный important; главный main; основной main; дневной daily;
ежедневный daily; недельный weekly; еженедельный weekly; месячный monthly; ежемесячный monthly; годовой yearly;
максимальный max; минимальный min; средний average; личный personal; домашний home; рабочий working; автоматический
automatic; ручной manual; внешний external; внутренний internal; верхний upper; нижний lower; открытый open; закрытый
closed; готовый ready; срочный urgent; просроченный overdue; случайный random; простой simple; сложный complex;
быстрый fast; медленный slow; большой large; маленький small; высокий high; низкий low; горячий hot; холодный cold;
теплый warm; сухой dry; влажный humid; умный smart; локальный local; удаленный remote; безопасный safe; обязательный
required; временный temporary; постоянный permanent; цифровой digital; книжный book;
суточный daily; неисправный faulty; исправный working; подряд in_a_row; часовой
hourly; минутный minutely; ночной nightly; молчащий silent
"""
