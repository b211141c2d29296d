"""By which words other programs call their columns, in English and Russian."""

from __future__ import annotations

CONTACT, COMPANY, DEAL, STAGES = "contact", "company", "deal", "stages"

# What each column can be, and the words by which other programs call it (small letters, no punctuation).
CLIENT = {
    "email": "email|e mail|email address|e mail address|mail|work email|home email|personal email|other email|primary email|рабочий email|личный email|другой email|почта|эл почта|электронная почта|email рабочий|e mail рабочий|e mail частный|person email work|person email home|person email other|person email|email 2 address|e mail 2 address|e mail 3 address",
    "phone": "phone|phone number|telephone|mobile|mobile phone|mobile phone number|cell|cell phone|work phone|home phone|home phone 2|other phone|business phone|business phone 2|primary phone|main phone|company main phone|car phone|телефон|рабочий телефон|рабочий прямой телефон|мобильный|мобильный телефон|домашний телефон|другой телефон|номер телефона|контактный телефон|телефоны|person phone work|person phone mobile|person phone home|person phone other|person phone",
    "website": "website|web site|web page|website url|company domain name|url|site|сайт|веб сайт|web|www|корпоративный сайт",
    "street": "street|street address|address line 1|business street|home street|mailing street|billing street|улица|улица дом",
    "city": "city|town|business city|home city|mailing city|billing city|город|населенный пункт",
    "region": "state|region|state region|province|business state|home state|mailing state|billing state|область|регион|край",
    "postcode": "zip|zip code|postal code|postcode|business postal code|home postal code|mailing zip|mailing postal code|индекс|почтовый индекс",
    "country": "country|country region|business country region|home country region|mailing country|billing country|страна",
    "address": "address|full address|адрес|фактический адрес|юридический адрес",
    "tags": "tags|tag|labels|label|categories|group membership|теги|тег|метки|категории|deal label|person label|organization label",
    "owner": "owner|contact owner|company owner|deal owner|record owner|assigned to|responsible|responsible user|owner name|ответственный|ответственный за контакт|менеджер|владелец|account owner|opportunity owner|person owner|organization owner",
    "external_id": "id|record id|contact id|company id|deal id|external id|vid|uid|ид|код|person id|organization id|account id|opportunity id",
    "created_at": "created|created at|create date|created date|date created|created time|creation date|дата создания|дата создания контакта|дата создания компании|создан|создана|person created|organization created",
    "note": "note|notes|description|comment|comments|комментарий|комментарии|примечание|примечание 2|примечание 3|примечание 4|примечание 5|заметки|описание",
}
PERSON = {
    "name": "name|full name|contact|contact name|display name|file as|имя контакта|фио|полное имя|контакт|person name|полное имя контакта",
    "first_name": "first name|firstname|given name|имя|person first name",
    "middle_name": "middle name|additional name|отчество",
    "last_name": "last name|lastname|surname|family name|фамилия|person last name",
    "position": "job title|position|title|role|organization title|organization 1 title|должность",
    "company": "company|company name|organization|organization name|organization 1 name|account|account name|associated company|associated company primary|компания|организация|название компании|компания контакта|employer|person organization",
    "opt_out": "unsubscribed from all email|unsubscribed|opted out|email opt out|hasoptedoutofemail|has opted out of email|marketing opt out|do not email|отписан|отписался|отказ от рассылки|не присылать",
    "do_not_contact": "do not call|donotcall|do not contact|не звонить|не беспокоить",
}
FIRM = {
    "name": "name|company|company name|organization|organization name|account name|название|название компании|компания|наименование",
}
SALE = {
    "external_id": "id|record id|deal id|external id|opportunity id|ид|id сделки|№",
    "title": "name|title|deal name|deal title|deal|opportunity name|opportunity|название|название сделки|сделка|тема",
    "amount": "amount|value|deal value|deal amount|amount in company currency|budget|price|сумма|сумма сделки|бюджет|бюджет сделки|стоимость",
    "currency": "currency|deal currency|currency of value|deal currency of value|currencyisocode|currency iso code|валюта",
    "pipeline": "pipeline|deal pipeline|воронка|направление|направление сделки",
    "stage": "stage|deal stage|stagename|stage name|стадия|стадия сделки|этап|этап сделки|статус сделки",
    "status": "status|deal status|outcome|статус|результат",
    "is_closed": "closed|is closed|isclosed|сделка закрыта|закрыта",
    "is_won": "won|is won|iswon|is closed won|успешна|выиграна",
    "owner": "owner|deal owner|opportunity owner|owner name|ownerid|owner id|responsible|ответственный|менеджер",
    "company": "company|company name|organization|deal organization|account|account name|associated company|associated company primary|компания|организация|компания контакта",
    "company_id": "company id|associated company ids|associated company id|accountid|account id|deal organization id|id компании",
    "contact": "contact|contact person|contact name|deal contact person|associated contact|associated contacts|primary contact|контакт|полное имя контакта|основной контакт|контактное лицо",
    "contact_id": "contact id|associated contact ids|associated contact id|contactid|id контакта",
    "email": CLIENT["email"],
    "phone": CLIENT["phone"],
    "created_at": "deal deal created|created|created at|create date|created date|createddate|date created|deal created|add time|created time|дата создания|дата создания сделки|создана",
    "closed_at": "deal deal closed on|closed at|close time|deal closed on|closed on|дата закрытия|закрыта дата|дата завершения",
    "close_date": "close date|closedate|closing date",
    "won_at": "won time|deal won time|won at",
    "lost_at": "lost time|deal lost time|lost at",
    "stage_since": "last stage change|deal last stage change|laststagechangedate|last stage change date|stage entered at",
    "expected_close": "expected close date|deal expected close date|expected close|предполагаемая дата закрытия|ожидаемая дата закрытия|плановая дата закрытия",
    "lost_reason": "lost reason|loss reason|closed lost reason|deal lost reason|reason lost|причина отказа|причина проигрыша",
    "source": "source|lead source|leadsource|original source|original traffic source|источник|utm source",
    "tags": CLIENT["tags"],
    "note": CLIENT["note"],
    "product": "product|product name|товар|товары|продукт",
    "product_price": "unit price|product price|цена",
    "product_quantity": "quantity|qty|количество|кол во",
    "is_deleted": "isdeleted|is deleted",
}
MOVES = {
    "deal": "opportunityid|opportunity id|deal|deal id|id сделки|сделка",
    "at": "createddate|created date|at|entered at|changed at|дата|дата изменения",
    "stage": "stagename|stage name|stage|to stage|new stage|этап|стадия",
    "outcome": "outcome",
    "from_stage": "fromopportunitystagename|from stage|old stage",
    "by": "createdbyid|created by|author",
    "is_deleted": "isdeleted|is deleted",
}
