"""Values as words: tables by hand, another program's opinion, and whatever numbers hypothesis can think of."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from appliance.speech.words import Case, words_of
from appliance.speech.words.russian import Gender, Russian

ru, en = words_of("ru"), words_of("en-gb")
N, G, A = Case.NOMINATIVE, Case.GENITIVE, Case.ACCUSATIVE
BILLION = 10**9


@pytest.mark.parametrize(
    "number, nominative, genitive",
    [
        (0, "ноль", "ноля"),
        (1, "один", "одного"),
        (2, "два", "двух"),
        (11, "одиннадцать", "одиннадцати"),
        (14, "четырнадцать", "четырнадцати"),
        (21, "двадцать один", "двадцати одного"),
        (40, "сорок", "сорока"),
        (90, "девяносто", "девяноста"),
        (100, "сто", "ста"),
        (342, "триста сорок два", "трёхсот сорока двух"),
        (600, "шестьсот", "шестисот"),
        (1000, "одна тысяча", "одной тысячи"),
        (2000, "две тысячи", "двух тысяч"),
        (5011, "пять тысяч одиннадцать", "пяти тысяч одиннадцати"),
        (21_000, "двадцать одна тысяча", "двадцати одной тысячи"),
        (112_000, "сто двенадцать тысяч", "ста двенадцати тысяч"),
        (1_000_001, "один миллион один", "одного миллиона одного"),
        (3_000_000_000, "три миллиарда", "трёх миллиардов"),
        (-5, "минус пять", "минус пяти"),
    ],
)
def test_russian_numbers(number: int, nominative: str, genitive: str) -> None:
    assert ru.number(number, N) == nominative
    assert ru.number(number, G) == genitive


@pytest.mark.parametrize(
    "number, case, gender, said",
    [
        (1, N, Gender.FEMININE, "одна"),
        (1, A, Gender.FEMININE, "одну"),
        (1, N, Gender.NEUTER, "одно"),
        (2, N, Gender.FEMININE, "две"),
        (2, N, Gender.NEUTER, "два"),
        (2, A, Gender.FEMININE, "две"),
        (22, G, Gender.FEMININE, "двадцати двух"),
        (21_001, A, Gender.FEMININE, "двадцать одну тысячу одну"),
        (1_000_000, A, Gender.FEMININE, "один миллион"),  # the million is masculine whatever is counted
    ],
)
def test_russian_genders(number: int, case: Case, gender: Gender, said: str) -> None:
    assert Russian().number(number, case, gender) == said


@pytest.mark.parametrize(
    "number, nominative, genitive",
    [
        (1, "первый", "первого"),
        (2, "второй", "второго"),
        (3, "третий", "третьего"),
        (7, "седьмой", "седьмого"),
        (20, "двадцатый", "двадцатого"),
        (23, "двадцать третий", "двадцать третьего"),
        (40, "сороковой", "сорокового"),
        (100, "сотый", "сотого"),
        (101, "сто первый", "сто первого"),
        (300, "трёхсотый", "трёхсотого"),
        (1000, "тысячный", "тысячного"),
        (1950, "тысяча девятьсот пятидесятый", "тысяча девятьсот пятидесятого"),
        (2000, "двухтысячный", "двухтысячного"),
        (2026, "две тысячи двадцать шестой", "две тысячи двадцать шестого"),
        (100_000, "стотысячный", "стотысячного"),
    ],
)
def test_russian_ordinals(number: int, nominative: str, genitive: str) -> None:
    assert ru.ordinal(number, N) == nominative
    assert ru.ordinal(number, G) == genitive


@pytest.mark.parametrize(
    "minutes, nominative, genitive, accusative",
    [
        (0, "ноль минут", "ноля минут", "ноль минут"),
        (1, "одна минута", "одной минуты", "одну минуту"),
        (2, "две минуты", "двух минут", "две минуты"),
        (5, "пять минут", "пяти минут", "пять минут"),
        (11, "одиннадцать минут", "одиннадцати минут", "одиннадцать минут"),
        (21, "двадцать одна минута", "двадцати одной минуты", "двадцать одну минуту"),
        (22, "двадцать две минуты", "двадцати двух минут", "двадцать две минуты"),
        (60, "один час", "одного часа", "один час"),
        (61, "один час одна минута", "одного часа одной минуты", "один час одну минуту"),
        (125, "два часа пять минут", "двух часов пяти минут", "два часа пять минут"),
        (1260, "двадцать один час", "двадцати одного часа", "двадцать один час"),
    ],
)
def test_russian_lengths_of_time(minutes: int, nominative: str, genitive: str, accusative: str) -> None:
    assert [ru.length(minutes, case) for case in (N, G, A)] == [nominative, genitive, accusative]


@pytest.mark.parametrize(
    "number, said",
    [
        (1, "одна заявка"),
        (3, "три заявки"),
        (7, "семь заявок"),
        (12, "двенадцать заявок"),
        (32, "тридцать две заявки"),
    ],
)
def test_russian_counts(number: int, said: str) -> None:
    assert ru.count(number, ("одна заявка", "две заявки", "пять заявок"), N) == said


def test_the_noun_goes_into_the_case_too() -> None:
    forms = ("один человек", "два человека", "пять человек")
    assert [ru.count(number, forms, G) for number in (1, 2, 5)] == [
        *("одного человека", "двух человек", "пяти человек"),
    ]


@pytest.mark.parametrize(
    "amount, said",
    [
        ("121.50", "сто двадцать один рубль пятьдесят копеек"),
        ("0.02", "две копейки"),
        ("0", "ноль рублей"),
        ("1", "один рубль"),
        ("1.01", "один рубль одна копейка"),
        ("2000.22", "две тысячи рублей двадцать две копейки"),
        ("11.11", "одиннадцать рублей одиннадцать копеек"),
        ("-5", "минус пять рублей"),
    ],
)
def test_russian_money(amount: str, said: str) -> None:
    assert ru.money(Decimal(amount), "RUB", N) == said


def test_money_of_other_countries() -> None:
    assert ru.money(Decimal("22.02"), "USD", N) == "двадцать два доллара два цента"
    assert ru.money(Decimal("3"), "EUR", N) == "три евро"
    assert ru.money(Decimal("3"), "XXX", N) == "3 XXX"
    assert en.money(Decimal("3.01"), "GBP", N) == "three pounds one penny"


def test_russian_dates_and_times() -> None:
    day = date(2027, 1, 3)
    assert ru.day(day, G, with_year=False) == "третьего января"
    assert ru.day(day, N, with_year=False) == "третье января"
    assert ru.day(day, G, with_year=True) == "третьего января две тысячи двадцать седьмого года"
    assert ru.day(date(2000, 8, 31), G, with_year=True) == "тридцать первого августа двухтысячного года"
    assert ru.time_of_day(time(9, 30), N) == "девять часов тридцать минут"
    assert ru.time_of_day(time(21), N) == "двадцать один час"
    assert ru.time_of_day(time(1, 1), G) == "одного часа одной минуты"
    assert ru.time_of_day(time(0, 2), A) == "ноль часов две минуты"


NOW = datetime(2026, 12, 31, 19)


@pytest.mark.parametrize(
    "moment, russian, english",
    [
        (datetime(2026, 12, 31, 20, 5), "сегодня в двадцать часов пять минут", "today at eight oh five p.m."),
        (datetime(2027, 1, 1, 9), "завтра в девять часов", "tomorrow at nine a.m."),
        (datetime(2027, 1, 2, 21), "в субботу в двадцать один час", "on Saturday at nine p.m."),
        (
            datetime(2027, 1, 5, 9, 30),
            "во вторник в девять часов тридцать минут",
            "on Tuesday at nine thirty a.m.",
        ),
        (
            datetime(2027, 1, 11, 12),
            "одиннадцатого января в двенадцать часов",
            "on the eleventh of January at noon",
        ),
    ],
)
def test_moments_to_come(moment: datetime, russian: str, english: str) -> None:
    assert ru.moment(moment, NOW) == russian
    assert en.moment(moment, NOW) == english


@pytest.mark.parametrize(
    "number, russian, english",
    [
        (
            "+74951230507",
            "плюс семь, четыреста девяносто пять, сто двадцать три, ноль пять, ноль семь",
            "plus seven, four nine five, one two three, zero five, zero seven",
        ),
        ("4420", "сорок четыре, двадцать", "four four, two zero"),
        ("112", "сто двенадцать", "one one two"),
        ("007", "ноль ноль семь", "zero zero seven"),
        ("00", "ноль ноль", "zero zero"),
        ("12345", "сто двадцать три, сорок пять", "one two three, four five"),
        ("", "", ""),
    ],
)
def test_telephone_numbers(number: str, russian: str, english: str) -> None:
    assert ru.telephone(number) == russian
    assert en.telephone(number) == english


def test_numbers_of_other_countries_are_grouped_as_there() -> None:
    assert (
        en.telephone("+442071838750") == "plus four four, two zero, seven one eight three, eight seven five zero"
    )
    assert ru.telephone("+442071838750").startswith("плюс сорок четыре, двадцать, семь один восемь три")


@pytest.mark.parametrize(
    "before, case",
    [
        ("Время ожидания - примерно ", N),
        ("Подождите ещё ", A),
        ("Мы ответим через ", A),
        ("Вам ответят не позже чем через примерно ", A),
        ("Ждать осталось около ", G),
        ("Не более ", G),
        ("В течение ", G),
        ("Открываемся в ", A),
        ("с ", G),
        ("", N),
        ("Вы говорили про это, до. ", N),
    ],
)
def test_the_word_before_decides_the_case(before: str, case: Case) -> None:
    assert ru.case_after(before) is case


@pytest.mark.parametrize(
    "number, cardinal, ordinal",
    [
        (0, "zero", "zeroth"),
        (1, "one", "first"),
        (12, "twelve", "twelfth"),
        (20, "twenty", "twentieth"),
        (21, "twenty-one", "twenty-first"),
        (100, "one hundred", "one hundredth"),
        (121, "one hundred and twenty-one", "one hundred and twenty-first"),
        (1001, "one thousand and one", "one thousand and first"),
        (2026, "two thousand and twenty-six", "two thousand and twenty-sixth"),
        (1_200_000, "one million two hundred thousand", "one million two hundred thousandth"),
        (-3, "minus three", "minus third"),
    ],
)
def test_english_numbers(number: int, cardinal: str, ordinal: str) -> None:
    assert en.number(number, N) == cardinal
    assert en.ordinal(number, N) == ordinal


def test_english_values() -> None:
    assert [en.length(m, N) for m in (1, 21, 60, 61)] == [
        *("one minute", "twenty-one minutes", "one hour", "one hour and one minute"),
    ]
    assert en.count(1, ("one call", "two calls"), N) == "one call"
    assert en.count(0, ("one call", "two calls"), N) == "zero calls"
    assert en.money(Decimal("121.00"), "RUB", N) == "one hundred and twenty-one roubles"
    assert en.money(Decimal("0"), "USD", N) == "zero dollars"
    assert en.day(date(2027, 1, 3), N, with_year=False) == "the third of January"
    assert [
        en.day(date(year, 1, 3), N, with_year=True).rpartition("January ")[2] for year in (1900, 1905, 2005)
    ] == [
        *("nineteen hundred", "nineteen oh five", "two thousand and five"),
    ]
    assert en.day(date(2027, 1, 3), N, with_year=True) == "the third of January twenty twenty-seven"
    times = (time(9, 30), time(0), time(12), time(0, 5), time(14, 5), time(11, 45))
    assert [en.time_of_day(each, N) for each in times] == [
        *(
            "nine thirty a.m.",
            "midnight",
            "noon",
            "twelve oh five a.m.",
            "two oh five p.m.",
            "eleven forty-five a.m.",
        ),
    ]


def test_a_language_that_only_unicode_knows_keeps_its_digits() -> None:
    de = words_of("de")
    assert de.number(21, N) == "21"
    assert de.length(125, N) == "2 Stunden 5 Minuten"
    assert de.count(1, ("1 Anruf", "2 Anrufe"), N) == "1 Anruf"
    assert de.day(date(2027, 1, 3), N, with_year=False) == "3. Januar"
    assert de.moment(datetime(2027, 1, 2, 9), NOW) == "Samstag 09:00"
    assert words_of("pl").count(5, ("1 kot", "2 koty", "5 kotów", "1,5 kota"), N) == "5 kotów"
    assert de.telephone("+74951230507") == "+7, 4 9 5, 1 2 3, 0 5, 0 7"


def test_a_language_that_nobody_knows_breaks_nothing() -> None:
    assert words_of("zzz").length(5, N) == "5 minutes"


# Whatever numbers there are

numbers = st.integers(min_value=0, max_value=BILLION)
RUSSIAN = {
    word: n for n in (*range(20), *range(20, 100, 10), *range(100, 1000, 100)) for word in [ru.number(n, N)]
}
RUSSIAN |= {"одна": 1, "две": 2}
RUSSIAN_SCALES = {"тысяч": 1000, "миллион": 1000**2, "миллиард": 1000**3}
ENGLISH = {en.number(n, N): n for n in (*range(20), *range(20, 100, 10))}
ENGLISH_SCALES = {"thousand": 1000, "million": 1000**2, "billion": 1000**3}


def russian_number(said: str) -> int:
    total = part = 0
    for word in said.split():
        scale = next((n for stem, n in reversed(RUSSIAN_SCALES.items()) if word.startswith(stem)), 0)
        total, part = (total + part * scale, 0) if scale else (total, part + RUSSIAN[word])
    return total + part


def english_number(said: str) -> int:
    total = part = 0
    for word in said.replace("-", " ").split():
        if word == "hundred":
            part *= 100
        elif word in ENGLISH_SCALES:
            total, part = total + part * ENGLISH_SCALES[word], 0
        elif word != "and":
            part += ENGLISH[word]
    return total + part


@given(numbers)
def test_numbers_can_be_read_back(number: int) -> None:
    assert russian_number(ru.number(number, N)) == number
    assert english_number(en.number(number, N)) == number


@given(numbers)
def test_another_program_says_the_same(number: int) -> None:
    assert ru.number(number, N) == num2words(number, lang="ru")
    assert en.number(number, N) == num2words(number, lang="en").replace(",", "")


@given(st.integers(min_value=0, max_value=9_999), st.sampled_from([N, G]))  # beyond, it is mistaken
def test_another_program_says_ordinals_the_same(number: int, case: Case) -> None:
    case_word = {N: "nominative", G: "genitive"}[case]
    assert ru.ordinal(number, case) == num2words(number, lang="ru", to="ordinal", case=case_word)


@given(st.integers(), st.sampled_from(Case), st.sampled_from(["ru", "en", "de", "zzz"]))
def test_no_number_is_too_much(number: int, case: Case, language: str) -> None:
    words = words_of(language)
    assert words.number(number, case) and words.ordinal(number, case)
    number %= 10**12
    assert words.money(Decimal(number) / 100, "RUB", case)
    assert words.length(number, case)
    assert words.count(number, ["1 x", "2 xs", "5 xs"][: words.forms], case)


@given(st.dates(), st.times(), st.sampled_from(Case), st.sampled_from(["ru", "en", "de"]))
def test_no_day_is_without_words(day: date, moment: time, case: Case, language: str) -> None:
    words = words_of(language)
    assert words.day(day, case, with_year=True) and words.day(day, case, with_year=False)
    assert words.time_of_day(moment, case)
    assert words.moment(datetime.combine(day, moment), datetime.combine(day, time()))


@given(st.text())
def test_no_telephone_number_is_too_strange(number: str) -> None:
    for words in (ru, en, words_of("de")):
        words.telephone(number)
        words.telephone("+" + number)


@pytest.mark.parametrize(
    "key, russian, english", [("1", "один", "one"), ("0", "ноль", "zero"), ("*", "звёздочку", "star")]
)
def test_keys_of_the_telephone(key: str, russian: str, english: str) -> None:
    assert (ru.key(key), en.key(key), words_of("de").key(key)) == (russian, english, key)
    assert (ru.key("#"), en.key("#")) == ("решётку", "hash")
