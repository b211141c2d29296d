"""Lists of the API: `{results, next, previous}`, paged by key so that page 1,000 costs what page 1 costs."""

from rest_framework.pagination import CursorPagination


class ListPagination(CursorPagination):
    """Pages of 50 in order of id; `?page_size=` up to 500."""

    ordering = "id"
    page_size_query_param = "page_size"
    max_page_size = 500
