"""What a sentence says: how it binds, what it denies, how its writer stands to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language.clauses import Role
from vaultc.language.reading import Basis, Force, Stance, read


@pytest.mark.parametrize(
    ("sentence", "force"),
    [
        ("The lamp must go out at ten.", Force.MUST),
        ("The lamp must not blink.", Force.MUST_NOT),
        ("No visitor may open the drawer.", Force.MUST_NOT),
        ("Neither the keeper nor a visitor may open it.", Force.MUST_NOT),
        ("Nobody should wait.", Force.SHOULD_NOT),
        ("A visitor can't be entered twice.", Force.MUST_NOT),
        ("The keeper may add a note.", Force.MAY),
        ("Visitors do not have to sign.", Force.WAIVED),
        ("You need not sign in.", Force.WAIVED),
        ("The list should never scroll.", Force.SHOULD_NOT),
        ("No more than five visitors must wait.", Force.MUST),
        ("Лампа должна гаснуть в десять.", Force.MUST),
        ("Лампа не должна мигать.", Force.MUST_NOT),
        ("Никто не должен открывать ящик.", Force.MUST_NOT),
        ("Ни один посетитель не может открыть ящик.", Force.MUST_NOT),
        ("Посетитель не обязан расписываться.", Force.WAIVED),
        ("Расписываться необязательно.", Force.WAIVED),
        ("Хранитель вправе добавить заметку.", Force.MAY),
        ("Открывать ящик нельзя.", Force.MUST_NOT),
        ("Повторная запись не допускается.", Force.MUST_NOT),
        ("Записи подлежат проверке.", Force.MUST),
        ("Ни при каких условиях не показывать адрес.", Force.MUST_NOT),
        ("Старые записи удалять не надо.", Force.MUST_NOT),
        ("Желательно показывать дату.", Force.SHOULD),
        ("It cannot be changed.", Force.MUST_NOT),
        ("Users may not delete it.", Force.MUST_NOT),
        ("It must also not run.", Force.MUST_NOT),
        ("The pump is to stop at night.", Force.MUST),
        ("Login is not required", Force.WAIVED),
        ("Заметки никогда не должны пропадать", Force.MUST_NOT),
        ("Стоит добавить тест", Force.SHOULD),
        ("Не рекомендуется поливать днём", Force.SHOULD_NOT),
        ("Имя может быть пустым.", Force.MAY),
        ("Карта — по желанию", Force.MAY),
        ("Without a key a visitor may look.", Force.MAY),
    ],
)
def test_a_sentence_binds_as_its_words_of_modality_and_their_denials_say(sentence: str, force: Force) -> None:
    binding = read(sentence).binding

    assert binding is not None
    assert (binding.force, binding.basis) == (force, Basis.WORD)


@pytest.mark.parametrize(
    ("sentence", "force", "basis"),
    [
        ("export the records as CSV", Force.MUST, Basis.ORDER),
        ("Don't show the address.", Force.MUST_NOT, Basis.ORDER),
        ("показывать последние записи первыми", Force.MUST, Basis.ORDER),
        ("не показывать адрес", Force.MUST_NOT, Basis.ORDER),
        ("Export format is CSV.", Force.MUST, Basis.ASSERTION),
        ("The list shows the newest first.", Force.MUST, Basis.ASSERTION),
        ("Avoid long names.", Force.MUST_NOT, Basis.ORDER),
        ("Избегать длинных имён.", Force.MUST_NOT, Basis.ORDER),
        ("Never overwrite a note.", Force.MUST_NOT, Basis.ORDER),
        ("The clock runs without a network.", Force.MUST, Basis.ASSERTION),
        ("Работает без интернета.", Force.MUST, Basis.ASSERTION),
        ("Насос не работает.", Force.MUST_NOT, Basis.ASSERTION),
        ("Полив идёт, если не идёт дождь.", Force.MUST, Basis.ASSERTION),
        ("Nothing is deleted.", Force.MUST_NOT, Basis.ASSERTION),
        ("Ничего не удаляется.", Force.MUST_NOT, Basis.ASSERTION),
        ("Записи отсортированы по дате.", Force.MUST, Basis.ASSERTION),
        ("The drawer had to be emptied by hand.", Force.MUST, Basis.PAST),
        ("Ящик приходилось разбирать руками.", Force.MUST, Basis.PAST),
        ("five lines at most", Force.MUST, Basis.FRAGMENT),
    ],
)
def test_a_sentence_without_such_a_word_orders_states_or_tells(sentence: str, force: Force, basis: Basis) -> None:
    binding = read(sentence).binding

    assert binding is not None
    assert (binding.force, binding.basis) == (force, basis)


@pytest.mark.parametrize(
    "sentence",
    [
        "Стоит 500 рублей",
        "Из этого следует, что всё хорошо",
        "Может быть, завтра.",
        "Возможно, хватит 5 л",
        "The goal is to build a clock.",
        "My idea of the project is to keep notes.",
        "We met on May 5",
        "It was May again",
        "Never mind",
        "The pump works.",
        "",
    ],
)
def test_a_word_of_modality_in_another_sense_binds_nobody(sentence: str) -> None:
    assert all(binding.basis is not Basis.WORD for binding in read(sentence).bindings)


def test_each_main_clause_binds_by_its_own_word() -> None:
    found = read("Насос должен хранить записи, но может удалять старые, и датчик работает.")

    assert [binding.force for binding in found.modal] == [Force.MUST, Force.MAY]


@pytest.mark.parametrize(
    ("sentence", "stance"),
    [
        ("My neighbour says it must sing.", Stance.REPORTED),
        ("Соседка говорит, что надо всё выбросить.", Stance.REPORTED),
        ("Perhaps it could sing.", Stance.SUPPOSED),
        ("Если бы был экран, было бы лучше.", Stance.SUPPOSED),
        ("Who opens it?", Stance.ASKED),
        ("Непонятно, кто его открывает.", Stance.ASKED),
        ("I have to bring a cable.", Stance.OWN),
        ("Раньше это делали вручную.", Stance.PAST),
        ("«Почему?»", Stance.ASKED),
        ("Really?!", Stance.ASKED),
        ("Нужно ли поливать ночью", Stance.ASKED),
        ("**Вопрос:** какой насос", Stance.ASKED),
        ("not sure whether it fits", Stance.ASKED),
        ("Размер бака под вопросом", Stance.ASKED),
        ("What if it is 5", Stance.SUPPOSED),
        ("Возможно, хватит 5 л", Stance.SUPPOSED),
        ("Может быть, 30", Stance.SUPPOSED),
        ("Допустим, порог 30", Stance.SUPPOSED),
        ("Скорее всего, 5", Stance.SUPPOSED),
        ("According to the manual, 5 l", Stance.REPORTED),
        ("По словам Ани, 5 л", Stance.REPORTED),
        ("Марта говорит, что 5 л", Stance.REPORTED),
        ("Аня пишет: «хватит 5 л»", Stance.REPORTED),
        ("Хватит 5 л, пишет Аня", Stance.REPORTED),
        ("Five litres will do, said Declan.", Stance.REPORTED),
        ("Pets are allowed, the agent said so twice.", Stance.REPORTED),
    ],
)
def test_the_writer_stands_to_a_sentence_as_its_words_say(sentence: str, stance: Stance) -> None:
    assert stance in read(sentence).stances


@pytest.mark.parametrize(
    "sentence",
    [
        "The program says goodbye.",
        "Хорошо бы показывать дату.",
        "Датчик считает импульсы",
        "The app writes a log",
        "The sensor reports the value",
        "four unless the option says otherwise",
        "I would like 5",
        "Имя может быть пустым",
        "It must be 5",
        "Declan writes letters and poems.",
        "Гостям говорим пароль от сети.",
        "Nobody says by how much.",
    ],
)
def test_what_a_program_or_the_writer_says_and_a_wish_are_neither_reported_nor_supposed(sentence: str) -> None:
    assert not {Stance.REPORTED, Stance.SUPPOSED} & set(read(sentence).stances)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is dry.",
        "Едва ли",
        "Если сухо",
        "Question marks are red",
        "Проверить, пуст ли бак",
        "It tells whether it is dry",
    ],
)
def test_a_statement_asks_nothing(sentence: str) -> None:
    assert Stance.ASKED not in read(sentence).stances


@pytest.mark.parametrize(
    ("sentence", "condition"),
    [
        ("If the door is open, the bell must ring.", "If the door is open"),
        ("The bell must ring when the door opens.", "when the door opens"),
        ("Если дверь открыта, звонок должен звенеть.", "Если дверь открыта"),
        ("The bell must ring before the door opens.", "before the door opens"),
    ],
)
def test_a_condition_is_a_clause_of_its_own(sentence: str, condition: str) -> None:
    found = read(sentence)

    assert found.condition is not None
    assert sentence[slice(*found.condition)] == condition


def test_code_is_one_word_of_the_sentence() -> None:
    shown = "`use x` must not take more"

    found = read("        must not take more", shown)

    assert found.tokens[0].is_code
    assert [token.text for token in found.tokens[:2]] == ["use x", "must"]


@given(st.text(alphabet="aбв must не, .;—:()«»`'\n-1", max_size=80))
def test_any_text_can_be_read_and_its_clauses_cover_it(text: str) -> None:
    found = read(text)

    covered = [at for clause in found.clauses for at in range(clause.first, clause.last + 1)]
    assert covered == list(range(len(found.tokens)))
    assert all(text[token.start : token.end] == token.text for token in found.tokens)
    assert all(binding.clause.role is Role.MAIN for binding in found.bindings)
