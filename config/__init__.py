"""Settings, addresses, the web server's entry and the supervisor."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
