"""An event loop on a thread of its own, for what waits on many connections at once."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any


class LoopThread:
    """Runs until it is closed, and then `finish()` to its end."""

    def __init__(self, finish: Callable[[], Awaitable[None]], *, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._finish = finish
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def tell(self, call: Callable[..., None], *args: Any) -> None:
        """Call on the loop's thread; a loop that has ended has nothing left to be told."""
        with self._lock:
            if not self._closed:
                self.loop.call_soon_threadsafe(call, *args)

    def close(self) -> None:
        self.tell(self.loop.stop)
        with self._lock:
            self._closed = True
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.run_until_complete(self._finish())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
