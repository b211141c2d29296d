"""What people who sell write down: titles of deals, notes and next steps, in the language of the client."""

from __future__ import annotations

from pipeline.simulator.clients import EN, RU

TITLES = {
    RU: (
        "Стеллажи для нового склада",
        "Сканеры штрихкода, {n} шт.",
        "Внедрение складского учёта",
        "Сервисный договор на год",
        "Переоснащение сборочной линии",
        "Погрузчики в лизинг, {n} шт.",
        "Обучение смены, {n} человек",
        "Автоматические ворота и доки",
        "Конвейер для сортировки заказов",
        "Аудит безопасности и модернизация противопожарного оборудования",
        "Электрика и свет в цехе № {n}",
        "Пилот на одном складе",
        "Рабочие места для офиса, {n} мест",
        "Расширение договора на филиалы",
        "Холодильные камеры",
        "Упаковочная машина с пусконаладкой",
    ),
    EN: (
        "Racking for the new warehouse",
        "Barcode scanners, {n} pcs",
        "Stock control roll-out",
        "Service contract, one year",
        "Refit of the assembly line",
        "Forklifts on lease, {n} units",
        "Training for {n} people",
        "Dock doors and levellers",
        "Sorting conveyor for online orders",
        "Safety audit and modernisation of the fire suppression equipment",
        "Lighting for hall {n}",
        "Pilot in one warehouse",
        "Workplaces for the office, {n} seats",
        "Extension to the branches",
        "Cold storage rooms",
        "Packing machine with installation",
    ),
}
RENEWALS = {
    RU: ("Продление сервисного договора", "Продление лицензий, {n} шт."),
    EN: ("Service contract renewal", "Licence renewal, {n} seats"),
}

# By step of the main pipeline.
NOTES: dict[str, tuple[tuple[str, ...], ...]] = {
    RU: (
        (
            "Заявка с сайта. Просят перезвонить после обеда, решение принимают двое.",
            "Пришли по рекомендации. Пока присматриваются, сроков нет.",
            "Нашли нас на выставке, взяли каталог. Просят цены на две комплектации.",
        ),
        (
            "Бюджет есть, утверждают в конце месяца. Решает финансовый директор.",
            "Сейчас работают с другим поставщиком, недовольны сроками. Шанс хороший.",
            "Нужны реквизиты и карточка компании, без этого в тендер не возьмут.\nОтправить до пятницы.",
            "Созвон на полчаса: объём меньше, чем писали, но готовы начать быстро.",
        ),
        ("Съездили на объект, замеры сделаны. Пол неровный, закладываем регулировку.", "Список требований согласован, прислали письмом."),
        ("Считаем два варианта: базовый и с монтажом.", "Попросили разбить оплату на три этапа. Согласовать с бухгалтерией."),
        (
            "Отправили предложение. Обещали посмотреть до конца недели.",
            "Звонок: сравнивают с двумя другими. У нас дороже на 8 %, но включён монтаж.",
            "Просят обновить предложение: добавить доставку и убрать обучение.",
            "На два письма не ответили. Попробовать через начальника склада.",
        ),
        (
            "Торгуются: просят 7 % скидки и отсрочку 30 дней. Дадим что-то одно.",
            "Юристы прислали протокол разногласий, четыре пункта. Два принимаем.",
            "Цена согласована, осталось уточнить сроки поставки.",
        ),
        ("Договор на подписи у генерального.", "Подписали со своей стороны, отправили курьером. Ждём скан и предоплату."),
    ),
    EN: (
        (
            "Came through the website. Asked for a call in the afternoon; two people decide.",
            "Referred by a customer. Only looking around so far, no dates.",
            "Met at the exhibition, took the catalogue. Want prices for two versions.",
        ),
        (
            "There is a budget, approved at the end of the month. The finance director decides.",
            "Unhappy with their present supplier's delivery times. Good chance.",
            "They need our company papers before we may bid.\nSend them by Friday.",
            "Half an hour on the phone: smaller than they wrote, but they can start soon.",
        ),
        ("Visited the site and measured. The floor is uneven, plan for adjustable feet.", "Requirements agreed and confirmed by e-mail."),
        ("Working out two versions: basic, and with installation.", "They ask to pay in three parts. Check with accounting."),
        (
            "Sent the proposal. They promised to look at it by the end of the week.",
            "Call: comparing us with two others. We are 8% dearer, but installation is included.",
            "Please update the proposal: add delivery, drop the training.",
            "Two e-mails without an answer. Try the warehouse manager instead.",
        ),
        (
            "They want 7% off and 30 days to pay. We can give one of the two.",
            "Their lawyers sent four changes to the contract. Two are fine.",
            "Price agreed; the delivery date is still open.",
        ),
        (
            "The contract is with the managing director for signature.",
            "Signed on our side and sent. Waiting for their copy and the deposit.",
        ),
    ),
}
STEPS: dict[str, tuple[tuple[str, ...], ...]] = {
    RU: (
        ("Позвонить и уточнить потребность", "Ответить на заявку"),
        ("Созвон: бюджет и сроки", "Узнать, кто принимает решение", "Отправить реквизиты"),
        ("Согласовать список требований", "Съездить на замер"),
        ("Подготовить расчёт", "Согласовать скидку с руководителем"),
        ("Узнать, посмотрели ли предложение", "Позвонить по предложению", "Отправить обновлённое предложение", "Напомнить о себе"),
        ("Обсудить условия оплаты", "Ответить юристам", "Согласовать сроки поставки"),
        ("Забрать подписанный договор", "Проверить предоплату"),
    ),
    EN: (
        ("Call and ask what they need", "Answer the enquiry"),
        ("Call about budget and dates", "Find out who decides", "Send our company papers"),
        ("Agree on the requirements", "Visit and measure"),
        ("Prepare the calculation", "Get the discount approved"),
        ("Ask whether they have read the proposal", "Call about the proposal", "Send the updated proposal", "Stay in touch"),
        ("Discuss payment terms", "Answer the lawyers", "Agree on the delivery date"),
        ("Collect the signed contract", "Check the deposit"),
    ),
}
# What one meets for, and where.
MEETINGS = {
    RU: (
        ("Показать решение", "https://meet.example/demo"),
        ("Встреча на объекте", "Проходная № 2"),
        ("Разобрать расчёт", "У клиента, переговорная"),
        ("Знакомство с директором", "У нас в офисе"),
        ("Созвон по договору", "https://meet.example/contract"),
    ),
    EN: (
        ("Show how it works", "https://meet.example/demo"),
        ("Visit to the site", "Gate 2"),
        ("Go through the figures", "Their meeting room"),
        ("Meet the director", "Our office"),
        ("Call about the contract", "https://meet.example/contract"),
    ),
}
LOOK_OVER = {RU: "Просмотреть условия до отправки", EN: "Look over the terms before they go out"}
ABOUT_COMPANY = {
    RU: (
        "Платят вовремя, но договор согласуют месяц.",
        "Въезд только по пропускам, заявка за день.",
        "Два склада, третий строят. Хороший клиент на вырост.",
        "Все письма дублировать секретарю.",
    ),
    EN: (
        "They pay on time, but contracts take a month.",
        "Entry with a pass only, ask a day ahead.",
        "Two warehouses, a third is being built. Worth growing with.",
        "Copy the assistant on every e-mail.",
    ),
}
ABOUT_CONTACT = {
    RU: (
        "Предпочитает звонки до 11:00.",
        "Пишет коротко и по делу, на письма отвечает в тот же день.",
        "Раньше работал с нами на другом месте.",
    ),
    EN: ("Prefers calls before eleven.", "Writes briefly and answers the same day.", "Knows us from a former job."),
}
CALLS = {
    RU: (
        "Договорились созвониться после совещания у директора.",
        "Интересует рассрочка на три месяца, отправлю условия.",
        "Спрашивал про сроки поставки, назвал две недели.",
        "Довольны прошлой поставкой, готовы говорить о продлении.",
    ),
    EN: (
        "Will talk again after their board meeting.",
        "Wants to pay in three parts; I'll send the terms.",
        "Asked about delivery, told them two weeks.",
        "Happy with the last delivery, ready to talk about renewal.",
    ),
}
LETTERS = {
    RU: (
        (
            "Сертификаты",
            "Добрый день! Пришлите, пожалуйста, сертификаты на стеллажи.",
            "Добрый день! Сертификаты во вложении, действуют до конца года.",
        ),
        ("Дата отгрузки", "Можно ли отгрузить на день раньше?", "Да, перенесли на среду, машина будет к десяти."),
    ),
    EN: (
        (
            "Certificates",
            "Hello, could you send the certificates for the racking?",
            "Hello, they are attached and valid until the end of the year.",
        ),
        ("Day of delivery", "Could you deliver one day earlier?", "Yes, we moved it to Wednesday; the lorry will be there at ten."),
    ),
}
INQUIRIES = {
    RU: (
        "Сколько стоит поставка на второй склад? Перезвоните, пожалуйста, после 14:00.",
        "Нужен замер и расчёт на 300 паллетомест. Как быстро сможете?",
    ),
    EN: (
        "What would the same cost for a second warehouse? Please call after two.",
        "We need a quote for 300 pallet places. How soon could you measure?",
    ),
}
