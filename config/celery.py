"""The Celery application: it carries ids, PostgreSQL keeps the work."""

import os
import warnings

from celery import Celery

from config.heartbeat import Heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("voronka")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)
# Messages are JSON with ids: the danger that Celery warns root of (pickled code) doesn't exist here.
warnings.filterwarnings("ignore", message=".*superuser privileges.*")
