"""All rooms of one server: made, found, ended. A room that nobody has been in for four hours ends by itself."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from .room import Full, Room
from .words import draw_name, tidy

ROOMS = 40
SECRET_BYTES = 24


class Building:
    """Rooms by name.

    Parameters
    ----------
    clock : seconds that only go forward
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[str, Room] = {}

    def make(self) -> tuple[Room, str]:
        """A new room, and the secret that makes its teacher.

        Raises
        ------
        Full
            If there are as many rooms as the server takes.
        """
        with self._lock:
            self._sweep()
            if len(self._rooms) >= ROOMS:
                raise Full(
                    f"there are {ROOMS} rooms on this server, and no place for one more; a room ends when its teacher ends it"
                )
            name = draw_name()
            while name in self._rooms:
                name = draw_name()
            secret = secrets.token_urlsafe(SECRET_BYTES)
            room = self._rooms[name] = Room(name, secret, self._clock)
            return room, secret

    def find(self, name: str) -> Room | None:
        """The room of that name, however it was typed; None where there is none, or none any more."""
        with self._lock:
            self._sweep()
            return self._rooms.get(tidy(name))

    def end(self, name: str) -> None:
        """End a room. Nothing of it is kept."""
        with self._lock:
            self._rooms.pop(name, None)

    def _sweep(self) -> None:
        for name in [name for name, room in self._rooms.items() if room.idle]:
            del self._rooms[name]


HERE = Building()
"""The rooms of this server."""
