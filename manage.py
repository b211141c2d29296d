#!/usr/bin/env python3
"""Django's command line; `manage.py up` starts the whole product."""

import os
import sys

from django.core.management import execute_from_command_line

from config.embedded import ServiceError, for_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        with for_command(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except ServiceError as error:
        sys.exit(str(error))
