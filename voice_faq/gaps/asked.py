"""Keeps what was asked and not answered, without knowing more of it than it must."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from voice_faq.counts.ledger import Ledger
from voice_faq.dialogue.turn import Turn
from voice_faq.gaps.store import ENOUGH, SCHEMA, QuestionStore
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, understood
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key

SAME_RIDER_S: Final = 600.0  # in which the same words count once: whoever is not understood says them again
SHORTEST: Final = 2  # syllables
LONGEST: Final = 40
MOST_ROWS: Final = 50_000  # different questions times days; the oldest go first
MOST_REMEMBERED: Final = 5_000  # questions of the last SAME_RIDER_S


class AskedInVain:
    """A TurnObserver for questions that were refused or asked back."""

    def __init__(
        self,
        path: Path,
        *,
        days: int,
        k: int,
        mask: Callable[[str], str],
        today: Callable[[], date] = date.today,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``mask`` is called in the thread that writes, so it may take its time; ``clock`` gives seconds."""
        self.store: Final = QuestionStore(path, days=days, k=k, today=today)
        self._mask = mask
        self._today = today
        self._clock = clock
        self._heard: dict[int, float] = {}
        self._hearing = threading.Lock()
        self._ledger: Ledger[tuple[str, str]] = Ledger(path, SCHEMA, self._write, tidy=self._tidy, keep_broken=False)

    def start(self) -> None:
        """From now on what is too old is deleted, also while nobody asks."""
        self._ledger.start()

    def decided(self, turn: Turn) -> None:
        """Keep the words of a question without an answer; returns at once."""
        # Without candidates it was no question: a cough, a 不是 to what was offered.
        if turn.decision not in ("reject", "clarify") or not turn.candidates:
            return
        if understood(turn.alternatives) < LEAST_UNDERSTOOD:
            return
        plain = normalize(turn.transcript)
        sounds = sound_key(plain)
        if SHORTEST <= len(sounds) <= LONGEST and self._from_another_rider(hash(sounds)):
            self._ledger.add((self._today().isoformat(), plain))

    def unheard(self) -> None:
        """There is nothing to keep."""

    def flush(self) -> bool:
        """Write what waits in memory; False where the disk does not take it."""
        return self._ledger.flush()

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._ledger.close()

    def _from_another_rider(self, sounds: int) -> bool:
        now = self._clock()
        with self._hearing:
            last = self._heard.get(sounds)
            if last is not None and now - last < SAME_RIDER_S:
                return False
            if len(self._heard) >= MOST_REMEMBERED:
                recent = {key: heard for key, heard in self._heard.items() if now - heard < SAME_RIDER_S}
                self._heard = recent if len(recent) < MOST_REMEMBERED else {}
            self._heard[sounds] = now
        return True

    def _write(self, connection: sqlite3.Connection, batch: Mapping[tuple[str, str], int]) -> None:
        (secret,) = connection.execute("SELECT key FROM secret").fetchone()
        for (day, plain), times in batch.items():
            masked = self._mask(plain)
            sounds = " ".join(sound_key(masked))
            if sounds.count(" ") + 1 < SHORTEST:
                continue
            key = hashlib.blake2b(sounds.encode(), key=secret, digest_size=16).digest()
            connection.execute(
                "INSERT INTO heard VALUES (?, ?, ?) ON CONFLICT (sounds, day) DO UPDATE SET times = times + ?",
                (key, day, times, times),
            )
            enough = f"SELECT 1 WHERE :sounds IN ({ENOUGH})"
            if connection.execute(enough, {**self.store.limits, "sounds": key}).fetchone():
                connection.execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", (key, masked))
        (rows,) = connection.execute("SELECT count(*) FROM heard").fetchone()
        if rows > MOST_ROWS:
            connection.execute(
                "DELETE FROM heard WHERE (sounds, day) IN (SELECT sounds, day FROM heard ORDER BY day LIMIT ?)",
                (rows - MOST_ROWS + MOST_ROWS // 10,),
            )

    def _tidy(self, connection: sqlite3.Connection) -> None:
        self.store.tidy(connection)
