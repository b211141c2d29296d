"""What the demo's people sell, against whom, and what they must not forget, in the language of the client."""

from __future__ import annotations

from pipeline.simulator.clients import EN, RU
from pipeline.simulator.talk import TITLES

# By key: code, and for each language name, unit, price and tax; Russian ones in roubles, English ones in euros.
Words = tuple[str, str, int, int]
GOODS: dict[str, tuple[str, dict[str, Words]]] = {
    "rack": ("ST-100", {RU: ("Стеллаж паллетный, секция", "шт.", 18_400, 22), EN: ("Pallet rack, bay", "pc", 195, 20)}),
    "licence": ("LIC-01", {RU: ("Лицензия складского учёта", "место", 14_500, 22), EN: ("Stock control licence", "seat", 150, 20)}),
    "station": ("RS-40", {RU: ("Рабочая станция сборки", "шт.", 165_000, 22), EN: ("Assembly workstation", "pc", 1_750, 20)}),
    "dock": ("DV-3", {RU: ("Доковые ворота с уравнителем", "шт.", 310_000, 22), EN: ("Dock door with leveller", "pc", 3_300, 20)}),
    "conveyor": ("KR-60", {RU: ("Конвейер роликовый", "м", 21_700, 22), EN: ("Roller conveyor", "m", 230, 20)}),
    "detector": ("PI-2", {RU: ("Пожарный извещатель с монтажом", "шт.", 6_900, 22), EN: ("Fire detector, mounted", "pc", 75, 20)}),
    "panel": ("HK-12", {RU: ("Панель холодильной камеры", "м²", 9_800, 22), EN: ("Cold room panel", "m²", 105, 20)}),
    "wrapper": ("UM-7", {RU: ("Паллетообмотчик", "шт.", 480_000, 22), EN: ("Pallet wrapper", "pc", 5_100, 20)}),
    "delivery": ("D-1", {RU: ("Доставка", "рейс", 12_500, 22), EN: ("Delivery", "trip", 130, 20)}),
    "training": ("OB-1", {RU: ("Обучение персонала", "день", 28_000, 22), EN: ("Training", "day", 300, 20)}),
    "set-up": ("MP-1", {RU: ("Монтаж и пусконаладка", "", 60_000, 22), EN: ("Installation and set-up", "", 650, 20)}),
}
# What a deal of this title consists of: shares of its amount; the last one is whatever is left.
KITS: dict[int, tuple[tuple[str, float], ...]] = {
    0: (("rack", 0.65), ("delivery", 0.08), ("set-up", 0)),
    2: (("licence", 0.6), ("training", 0.15), ("set-up", 0)),
    4: (("station", 0.7), ("delivery", 0.06), ("set-up", 0)),
    7: (("dock", 0.7), ("delivery", 0.06), ("set-up", 0)),
    8: (("conveyor", 0.7), ("delivery", 0.06), ("set-up", 0)),
    9: (("detector", 0.7), ("training", 0.08), ("set-up", 0)),
    11: (("licence", 0.45), ("rack", 0.2), ("training", 0)),
    14: (("panel", 0.7), ("delivery", 0.06), ("set-up", 0)),
    15: (("wrapper", 0.75), ("delivery", 0.05), ("set-up", 0)),
}
KIT_OF_TITLE = {TITLES[language][place]: (language, kit) for language in (RU, EN) for place, kit in KITS.items()}

# English and Russian name.
COMPETITORS = [("Third Shelf", "Третья полка"), ("Kvarta Racks", "Кварта-Склад"), ("Oblako Logistic", "Облако-Логист")]
BIDS = {
    RU: ("Дешевле на 8 %, но без монтажа", "Обещают за три недели", "Работают с ними второй год", ""),
    EN: ("8% cheaper, without installation", "Promise it in three weeks", "Has supplied them for two years", ""),
}
# English and Russian words, and the place of the stage that asks for it.
CHECKLIST = [
    ("We know who decides", "Известно, кто решает", 1),
    ("Budget asked", "Спросили о бюджете", 1),
    ("Site measured", "Объект замерен", 2),
    ("Calculation agreed with the manager", "Расчёт согласован с руководителем", 3),
    ("Company papers sent", "Карточка компании отправлена", 4),
    ("Contract read by a lawyer", "Договор прочитал юрист", 6),
]
