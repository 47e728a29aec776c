"""Turns: when the worker may train, and when it stands still for a window in use."""

from __future__ import annotations

FRAME = 0.0328
"""Seconds from one snapshot to the next: 30 a second. The worker gets what the window leaves."""
LEAST, MOST = 0.02, 0.029
"""Bounds of the worker's share of a frame, in seconds."""
TURN = 0.25
"""Seconds to wait for ``taken``. After that nobody is looking, and training goes on without."""
HOLD = 0.25
"""Seconds after which even an unbroken row of holds lets the worker train."""
LET_THROUGH = 0.06
"""For so many seconds then."""
COARSE = 0.001
"""Updates that take so many seconds spend them in BLAS, which leaves the interpreter to a window.

The worker then goes on beside the painting; with quicker ones both would be slower for it.
"""


class Turns:
    """Keeps the times until which the worker stands still. All times are seconds of one clock.

    It has no lock of its own: the session's condition guards it.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._absent = False
        self._given: float | None = None
        self._told = float("-inf")
        self._update = 0.0
        self._taken = float("-inf")
        self._rest_until = float("-inf")
        self._painting = FRAME - MOST
        self._hold_since = self._hold_until = self._deaf_until = float("-inf")

    @property
    def taking(self) -> bool:
        """Whether turns are taken: they are wanted, and someone was there the last time."""
        return self._wanted and not self._absent

    @property
    def _beside(self) -> bool:
        """Whether the worker goes on while the window paints."""
        return self._update > COARSE

    def give(self, now: float, updates: int = 0) -> None:
        """A snapshot was published after so many ``updates``: it is the window's turn.

        The worker does not wait for it where updates are coarse, but sees whether anybody is there.
        """
        if not self.taking:
            return
        used = now - max(self._taken, self._told)
        self._told = now
        self._update = used / updates if updates else 0.0
        # A burst of few updates is shown as long as any other.
        self._rest_until = now + FRAME - used if used < LEAST else now
        if self._given is None or not self._beside:
            self._given = now

    def taken(self, now: float) -> None:
        """The window is done with the snapshot: it is the worker's turn."""
        if self._given is not None:
            self._painting += 0.2 * (now - self._given - self._painting)
        self._given = None
        self._taken = max(now, self._rest_until)
        self._absent = False

    @property
    def burst(self) -> float:
        """For how many seconds the worker trains when it is its turn."""
        if self._beside:
            # The last update ends some time after the frame does.
            return max(FRAME - self._update / 2, LEAST)
        return min(max(FRAME - self._painting, LEAST), MOST)

    def hold(self, now: float, seconds: float) -> bool:
        """Asks the worker to stand still for so long; False when it has stood still long enough."""
        if now < self._deaf_until:
            return False
        if now >= self._hold_until:
            self._hold_since = now
        longest = self._hold_since + HOLD
        self._hold_until = max(self._hold_until, min(now + seconds, longest))
        if self._hold_until == longest:
            self._deaf_until = longest + LET_THROUGH
        return True

    def wait(self, now: float) -> float:
        """For how many seconds the worker is still to stand still; 0 when it may train."""
        until = max(self._hold_until, self._rest_until)
        if self._given is not None:
            if self._given + TURN <= now:
                self._given = None
                self._absent = True
            elif not self._beside:
                until = max(until, self._given + TURN)
        return max(until, now) - now
