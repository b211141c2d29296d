"""The product's settings with throttles off."""

from config.settings import *  # noqa: F403

ACCOUNT_RATE_LIMITS: dict[str, str] = {}
