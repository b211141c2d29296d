"""The process that sets one PDF: `python typesetter.py FOLDER TIMESTAMP`, the data on its input, the PDF on its output.

It knows nothing of the product: no settings, no database, no addresses. The folder holds the template and perhaps a logo; nothing
outside of it can be read by the template, no package is fetched, and processor time and memory are limited.
"""

import resource
import sys
from pathlib import Path

import typst

SECONDS, BYTES = 20, 2 * 1024**3
FONTS = Path(__file__).resolve().parent / "fonts"


def main(folder: Path, timestamp: int, data: str) -> bytes:
    """The PDF."""
    return typst.compile(
        folder / "quote.typ",
        root=folder,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        package_path=folder / "packages",
        package_cache_path=folder / "packages",
        format="pdf",
        sys_inputs={"data": data},
        timestamp=timestamp,
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout.buffer.write(main(Path(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer.read().decode()))
