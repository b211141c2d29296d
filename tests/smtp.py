"""A mail server for tests: takes letters over the wire, or holds its answer back as a slow one does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class MailServer:
    """Keeps every letter it took in `letters`; while `silent` it takes a letter and doesn't say so."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.silent = threading.Event()
        self.refuses = ""
        self.port = 0
        self._loop = asyncio.new_event_loop()

    @contextmanager
    def running(self) -> Iterator[MailServer]:
        # In a thread of its own from the start: in this one a browser's driver may keep its loop.
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._talk, "127.0.0.1", 0), self._loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(message_from_bytes(raw[:-5], policy=default))  # type: ignore[arg-type]
                if self.silent.is_set():
                    continue
                writer.write(b"250 taken\r\n")
            elif verb == "RCPT" and self.refuses:
                writer.write(f"{self.refuses}\r\n".encode())
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
        writer.close()
