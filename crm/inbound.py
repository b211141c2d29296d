"""What other programs post to a secret address, read as an inquiry: names of fields in many dialects, all the rest as words."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

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
FORM_DATA = "multipart/form-data"
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
    # What makes it the same one as another: of a form in parts only its fields, since the lines between parts are new each time.
    content: bytes
    files: tuple[str, ...] = ()


def read_inquiry(raw: bytes, content_type: str, headers: Mapping[str, str]) -> Inquiry:
    """Read what was posted: Unreadable or UnknownType where that can't be done."""
    known: dict[str, str] = {}
    rest: list[str] = []
    files: list[str] = []
    if content_type.split(";")[0].strip().lower() == FORM_DATA:
        found, files = read_form(raw, content_type)
        content = json.dumps([found, files]).encode()
    else:
        found, content = _pairs(raw, content_type.split(";")[0].strip().lower()), raw
    for name, value, is_outermost in _tidied(found):
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
    rest += [f"{name[:MAX_VALUE]}: a file that came along and was not kept" for name in map(_tidy, files)]
    body = "\n\n".join(filter(None, (known.get("message", ""), "\n".join(rest))))[:MAX_BODY]
    own_id = next((headers[header] for header in ID_HEADERS if headers.get(header)), "") or known.get("id", "")
    return Inquiry(sender, known.get("subject", "")[:300], body, own_id.replace("\0", "").strip()[:MAX_ID], content, tuple(files))


def digest_of(raw: bytes) -> str:
    """What tells the same content from another."""
    return hashlib.sha256(raw).hexdigest()


class _NotKept(FileUploadHandler):
    """Lets a file go by: whoever knows the address must not fill the disk, nor hand a colleague something to open."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> UploadedFile:
        return UploadedFile(name=self.file_name, size=file_size)


def read_form(raw: bytes, content_type: str) -> tuple[list[tuple[str, str, bool]], list[str]]:
    """The fields of a form in parts, and the names of its files."""
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": len(raw)}
    try:
        fields, files = MultiPartParser(meta, io.BytesIO(raw), [_NotKept()]).parse()
    except (MultiPartParserError, SuspiciousOperation, ValueError):
        raise Unreadable from None
    pairs = [(str(name), str(value), True) for name, values in fields.lists() for value in values]
    if len(pairs) > MAX_FIELDS:
        raise Unreadable
    return pairs, [str(file.name) for _name, many in files.lists() for file in many]


def _pairs(raw: bytes, content_type: str) -> list[tuple[str, str, bool]]:
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
    return found


def _tidied(found: list[tuple[str, str, bool]]) -> Iterator[tuple[str, str, bool]]:
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
