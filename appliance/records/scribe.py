"""Writes until the database takes it, and answers questions as well as can be while the database is gone."""

import logging
from collections.abc import Callable
from typing import TypeVar

from peewee import InterfaceError, OperationalError

from appliance.clock import Clock
from appliance.facts import Fact
from appliance.line.journal import Entry
from appliance.records.database import first_cause
from appliance.records.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

WRITE_AGAIN_AFTER = 1.0  # seconds, while the database does not take a batch


class Scribe:
    """Stands between the engine, which must not fail, and a store that may."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self._clock = clock
        self.unwritten = ""  # why the database does not take what has happened
        self.unwritten_since: float | None = None
        self.tried_at = 0.0  # when it last did not

    def write(self, facts: list[Fact], journal: list[Entry]) -> None:
        """Return when it is written, however long that takes."""
        while facts or journal:
            try:
                self.store.write(facts, journal)
                self._answered()
                return
            except (OperationalError, InterfaceError) as error:  # locked, full or gone
                count = f"{len(facts)} fact{'' if len(facts) == 1 else 's'}"
                what = count if facts else "the journal"
                self._refused(f"{what} cannot be written: {first_cause(error)}")
                self._clock.sleep(WRITE_AGAIN_AFTER)
            except Exception:
                # One that no database will ever take must not end the line for everybody else.
                if len(facts) + len(journal) == 1:
                    log.exception("the database refuses %r", [*facts, *journal][0])
                    return
                for entry in journal:
                    self.write([], [entry])
                for fact in facts:
                    self.write([fact], [])
                return

    def ask(self, question: Callable[[], T], otherwise: T, meaning: str) -> T:
        """The answer to a question; `otherwise` while the database does not give one, which is said to have that
        meaning."""
        try:
            return question()
        except (OperationalError, InterfaceError) as error:
            log.warning("%s: %s", meaning, first_cause(error))
        except Exception:
            # One bad question must not end the line for everybody else.
            log.exception("%s", meaning)
        return otherwise

    def look(self) -> None:
        """Notice a database that is gone although nothing has to be written."""
        try:
            self.store.read()
        except (OperationalError, InterfaceError) as error:
            self._refused(f"the database does not answer: {first_cause(error)}")
        else:
            self._answered()

    def _answered(self) -> None:
        if self.unwritten:
            log.warning("the database is written to again")
        self.unwritten, self.unwritten_since = "", None

    def _refused(self, why: str) -> None:
        if why != self.unwritten:
            log.error("%s; trying again each %g s", why, WRITE_AGAIN_AFTER)
        self.unwritten, self.tried_at = why, self._clock.now()
        self.unwritten_since = self.unwritten_since or self.tried_at
