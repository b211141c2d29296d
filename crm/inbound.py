"""What other programs post to a secret address, read as an inquiry: names of fields in many dialects, all the rest as words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from crm.services.senders import Sender

MAX_FIELDS, MAX_NAME, MAX_VALUE, MAX_BODY = 200, 60, 10_000, 50_000
# As forms, chats and tables call them; letters, digits and “_” are compared alone.
NAMES = {
    "name": ("name", "full_name", "fullname", "your_name", "contact_name", "fio", "имя", "фио", "ваше_имя", "контакт"),
    "first_name": ("first_name", "firstname", "given_name", "имя_клиента"),
    "last_name": ("last_name", "lastname", "surname", "family_name", "фамилия"),
    "email": ("email", "e_mail", "mail", "your_email", "email_address", "from", "почта", "эл_почта", "электронная_почта"),
    "phone": ("phone", "tel", "telephone", "mobile", "phone_number", "your_phone", "телефон", "номер_телефона", "моб_телефон"),
    "message": (
        "message",
        "text",
        "comment",
        "comments",
        "body",
        "question",
        "your_message",
        "сообщение",
        "комментарий",
        "вопрос",
        "текст",
    ),
    "subject": ("subject", "title", "topic", "your_subject", "тема"),
    "id": ("message_id", "external_id", "event_id", "uuid", "tranid"),
}
KNOWN = {name: field for field, names in NAMES.items() for name in names}
ID_HEADERS = ("Idempotency-Key", "Webhook-Id")
MAX_ID = 180


class Unreadable(Exception):
    """The content is not what its type says."""


class UnknownType(Exception):
    """Neither JSON nor a form."""


@dataclass(frozen=True)
class Inquiry:
    """A message as it was posted; `own_id` is the sender's, empty when there is none."""

    sender: Sender
    subject: str
    body: str
    own_id: str


def read_inquiry(raw: bytes, content_type: str, headers: Mapping[str, str]) -> Inquiry:
    """Read what was posted: Unreadable or UnknownType where that can't be done."""
    known: dict[str, str] = {}
    rest: list[str] = []
    for name, value, is_outermost in _pairs(raw, content_type):
        field = KNOWN.get(_plain(name), "")
        if field == "id" and not is_outermost:
            field = ""  # the number of a form or a page, not of this message
        if field and value and field not in known:
            known[field] = value
        elif value:
            rest.append(f"{name[:MAX_NAME]}: {value}")
    name = known.get("name") or " ".join(filter(None, (known.get("first_name"), known.get("last_name"))))
    sender = Sender.read(sender=known.get("email", ""), name=name, email=known.get("email", ""), phone=known.get("phone", ""))
    # What could not be read as an address or a number is not lost.
    rest += [
        f"{field}: {known[field]}" for field, read in (("email", sender.email), ("phone", sender.phone)) if field in known and not read
    ]
    body = "\n\n".join(filter(None, (known.get("message", ""), "\n".join(rest))))[:MAX_BODY]
    own_id = next((headers[header] for header in ID_HEADERS if headers.get(header)), "") or known.get("id", "")
    return Inquiry(sender, known.get("subject", "")[:300], body, own_id.replace("\0", "").strip()[:MAX_ID])


def digest_of(raw: bytes) -> str:
    """What tells the same content from another."""
    return hashlib.sha256(raw).hexdigest()


def _pairs(raw: bytes, content_type: str) -> Iterator[tuple[str, str, bool]]:
    try:
        text = raw.decode("utf-8-sig")
        if content_type == "application/json" or content_type.endswith("+json"):
            content = json.loads(text)
            if not isinstance(content, dict):
                raise Unreadable
            found = list(_flat(content))
        elif content_type == "application/x-www-form-urlencoded":
            found = [(*pair, True) for pair in parse_qsl(text, keep_blank_values=False, max_num_fields=MAX_FIELDS)]
        else:
            raise UnknownType
    except (ValueError, RecursionError):
        raise Unreadable from None
    for name, value, is_outermost in found[:MAX_FIELDS]:
        yield _tidy(name), _tidy(value)[:MAX_VALUE], is_outermost


def _flat(content: Mapping[str, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, str, bool]]:
    """Nested values by their innermost names, since `contact.email` is an e-mail too; and whether each stands at the top."""
    for name, value in content.items():
        if isinstance(value, dict) and depth < 3:
            yield from _flat(value, name, depth + 1)
        elif isinstance(value, list) and depth < 3 and value and all(isinstance(one, dict) for one in value):
            for one in value[:20]:
                yield from _flat(one, name, depth + 1)
        elif value is not None:
            words = ", ".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else json.dumps(value)
            yield name, words, depth == 0


def _tidy(text: str) -> str:
    """Without what the database can't keep: halves of characters and the empty one."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "").replace("\r\n", "\n").strip()


def _plain(name: str) -> str:
    letters = "".join(letter if letter.isalnum() else "_" for letter in name.lower())
    return letters.strip("_").replace("__", "_")
