"""The product's settings, with fast passwords and no throttles."""

import tempfile
from pathlib import Path

from tests import services

# Whoever reads the settings first, the test runner or a server under test: the addresses stand in the environment before.
services.start()

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False  # an empty table would mean the library's own limits
# Files straight from their sources, under their plain names.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Contents are named by their hash, so that runs side by side may share the folder.
FILES_DIR = Path(tempfile.gettempdir()) / "voronka-test-files"
