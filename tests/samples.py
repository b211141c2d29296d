"""Where trial data lies that is too large, or not ours, to live here; tests that read it skip where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

SHARED = Path(os.environ.get("VORONKA_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data"))
