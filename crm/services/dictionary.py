"""The dictionary of words that records hold: what a misspelt word is compared with."""

from __future__ import annotations

from django.db import transaction

from crm.models import SearchNews, SearchWord

MOST_NEWS = 2000


def learn_words() -> int:
    """Take the words of new entries into the dictionary, some at a time; gives how many entries there were. Safe to run twice at once."""
    with transaction.atomic():
        news = list(SearchNews.objects.select_for_update(skip_locked=True).order_by("pk")[:MOST_NEWS])
        words = sorted({word for each in news for word in each.words})
        SearchWord.objects.bulk_create([SearchWord(word=word) for word in words], ignore_conflicts=True, batch_size=5000)
        SearchNews.objects.filter(pk__in=[each.pk for each in news]).delete()
    return len(news)
