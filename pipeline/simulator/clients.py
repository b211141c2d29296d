"""Companies and people that clearly don't exist: whimsical names, domains under .example, telephone numbers given to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

RU, EN = "ru", "en"
FIRST_WORDS = {
    RU: ("Лунный", "Янтарный", "Тихий", "Медный", "Кедровый", "Снежный", "Синий", "Ясный", "Дальний", "Белый", "Летучий", "Вечерний"),
    EN: ("Amber", "Copper", "Quiet", "Maple", "Misty", "Silver", "Velvet", "Lucky", "Wandering", "Crimson", "Drowsy", "Northern"),
}
LAST_WORDS = {
    RU: ("маяк", "кит", "ветер", "берег", "компас", "сад", "фонарь", "самовар", "дирижабль", "ёж", "парус", "родник"),
    EN: ("Otter", "Lantern", "Harbour", "Fern", "Compass", "Anvil", "Badger", "Kettle", "Sparrow", "Meadow", "Pinecone", "Windmill"),
}
FORMS = {RU: ("ООО «{}»", "АО «{}»", "«{}»", "ТД «{}»"), EN: ("{} Ltd", "{} & Sons", "{} Group", "{} GmbH")}
LONG_NAMES = {
    RU: "Межрегиональное научно-производственное объединение «Предпоследний дирижабль»",
    EN: "The Honourable Company of Drowsy Windmills and Moonlit Kettles",
}
CITIES = {
    RU: ("Лукоморск", "Нижний Облаков", "Верхнедальск", "Синегорье", "Тридевятск", "Малая Заря"),
    EN: ("Port Marigold", "Lower Fernham", "Westmoor", "Lanternbury", "Saint Bramble", "Otterfield"),
}
GIVEN = {
    RU: (
        *(("Марфа", "а"), ("Варвара", "а"), ("Ульяна", "а"), ("Злата", "а"), ("Таисия", "а"), ("Агата", "а"), ("Серафима", "а")),
        *(("Емельян", ""), ("Лука", ""), ("Савелий", ""), ("Добрыня", ""), ("Тимофей", ""), ("Прохор", ""), ("Ярослав", "")),
    ),
    EN: (
        *(("Winifred", ""), ("Clementine", ""), ("Marigold", ""), ("Ottilie", ""), ("Beatrix", ""), ("Juniper", ""), ("Rosalind", "")),
        *(("Otto", ""), ("Barnaby", ""), ("Jasper", ""), ("Rufus", ""), ("Edmund", ""), ("Percy", ""), ("Ambrose", "")),
    ),
}
FAMILY = {
    RU: (
        *("Облаков", "Светлячков", "Тридевятов", "Одуванчиков", "Самоваров", "Незабудкин", "Сугробов", "Росинкин", "Ветродуев"),
        *("Подснежников", "Кренделев", "Рябинкин", "Полуночников", "Лукоморов", "Ёлочкин", "Метелицын", "Сказкин", "Берендеев"),
    ),
    EN: (
        *("Lanternby", "Fernhollow", "Quillfeather", "Applegrove", "Thistlewick", "Mossbank", "Bramblecote", "Puddlefoot"),
        *("Featherstonehaugh", "Nettlecombe", "Candlemore", "Willowbrook-Hay", "Pepperday", "Snowberry", "Owlsworth", "Tumblestone"),
    ),
}
POSITIONS = {
    RU: ("Директор", "Руководитель закупок", "Главный инженер", "Начальник склада", "Финансовый директор", "Специалист по закупкам"),
    EN: ("Managing director", "Head of procurement", "Chief engineer", "Warehouse manager", "Finance director", "Buyer"),
}
CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщыэюя"
LATIN = "a b v g d e e zh z i y k l m n o p r s t u f h ts ch sh sch y e yu ya".split()  # noqa: SIM905 - read as pairs
LETTERS = dict(zip(CYRILLIC, LATIN, strict=True)) | {"ъ": "", "ь": ""}


@dataclass(frozen=True, slots=True)
class InventedCompany:
    """A company, and the language one talks with it."""

    name: str
    language: str
    city: str
    domain: str


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """Somebody there."""

    name: str
    position: str
    email: str
    phone: str


def in_latin(text: str) -> str:
    """Letters and digits of a name as an address writes them."""
    words = "".join(LETTERS.get(letter, letter) for letter in text.lower())
    return "-".join("".join(letter if letter.isascii() and letter.isalnum() else " " for letter in words).split())


class ClientSimulator:
    """Invents companies, no name twice, and the people in them, hardly a name twice."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names = {language: self._names(language) for language in (RU, EN)}
        self.people = {language: self._people(language) for language in (RU, EN)}

    def company(self) -> InventedCompany:
        """Three of five are Russian."""
        language = RU if self.random.random() < 0.6 else EN
        name, formal = next(self.names[language])
        return InventedCompany(formal, language, self.random.choice(CITIES[language]), f"{in_latin(name)}.example")

    def person(self, company: InventedCompany) -> InventedPerson:
        """Somebody who buys for the company."""
        random, language = self.random, company.language
        given, family = next(self.people[language])
        email = f"{in_latin(given)}.{in_latin(family)}@{company.domain}"
        # No Russian number begins with 000; Ofcom keeps 01632 960… for films.
        low = random.randrange(1000)
        phone = f"+7 000 {random.randrange(100, 1000)}-{low // 100:02}-{low % 100:02}" if language == RU else f"+44 1632 960{low:03}"
        return InventedPerson(f"{given} {family}", random.choice(POSITIONS[language]), email, phone)

    def _names(self, language: str) -> Iterator[tuple[str, str]]:
        """The name alone, and with the form of the company; the long one among the first."""
        pairs = [f"{first} {last}" for first in FIRST_WORDS[language] for last in LAST_WORDS[language]]
        self.random.shuffle(pairs)
        for place, name in enumerate(pairs):
            if place == 3:
                yield LONG_NAMES[language].split(" ")[-1].strip("«»"), LONG_NAMES[language]
            yield name, self.random.choice(FORMS[language]).format(name)

    def _people(self, language: str) -> Iterator[tuple[str, str]]:
        """Given and family name; every pair once before one comes again."""
        pairs = [(given, family + ending) for given, ending in GIVEN[language] for family in FAMILY[language]]
        while True:
            self.random.shuffle(pairs)
            yield from pairs
