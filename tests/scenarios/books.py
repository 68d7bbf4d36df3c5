"""The records as an auditor sees them: read from the SQLite file, past everything that could be wrong above it."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

# Whatever is true of a row here is still going on.
OPEN = {
    "call": "ended_at IS NULL",
    "leg": "ended_at IS NULL",
    "visit": "ended_at IS NULL OR outcome IS NULL OR (answered_at IS NOT NULL AND talk_ended_at IS NULL)",
    "offer": "ended_at IS NULL",
    "offeragent": "ended_at IS NULL OR outcome IS NULL",
    "agentstretch": "ended_at IS NULL AND state IN ('offered', 'talking')",
}


class Books:
    """The rows of one appliance."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def ask(self, query: str, *values: object) -> list[Row]:
        """The rows that a query finds; none while there are no records yet."""
        if not self._file.exists():
            return []
        connection = sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=5.0)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()

    def rows(self, table: str, **where: object) -> list[Row]:
        """The rows of a table with these values, in the order in which they were written."""
        condition = " AND ".join(f'"{column}" = ?' for column in where) or "1"
        return self.ask(f'SELECT * FROM "{table}" WHERE {condition} ORDER BY rowid', *where.values())

    def one(self, table: str, **where: object) -> Row:
        """The only row with these values."""
        found = self.rows(table, **where)
        assert len(found) == 1, f"{len(found)} rows of {table} with {where}: {found}"
        return found[0]

    def column(self, table: str, column: str, **where: object) -> list[Any]:
        """One value of each row."""
        return [row[column] for row in self.rows(table, **where)]

    def state(self, agent: str) -> str:
        """What an agent does now."""
        rows = self.ask("SELECT state FROM agentstretch WHERE agent = ? AND ended_at IS NULL", agent)
        assert len(rows) <= 1, f"agent {agent} is in several states: {rows}"
        return str(rows[0]["state"]) if rows else "signed off"

    def states(self, agent: str) -> list[tuple[str, str]]:
        """The time sheet of an agent: state and reason."""
        return [(row["state"], row["reason"]) for row in self.rows("agentstretch", agent=agent)]

    def steps(self, call: str) -> list[tuple[str, str]]:
        """The way of a call through the configuration."""
        return [(row["step"], row["detail"]) for row in self.rows("step", call=call)]

    def offers(self) -> list[tuple[str, str | None]]:
        """Who was offered a call and what became of it."""
        return [(row["agent"], row["outcome"]) for row in self.rows("offeragent")]

    def considered(self, offer: str) -> dict[str, str | None]:
        """Why each agent was passed over at an offer; None: was not."""
        row = self.one("decision", offer=offer)
        return {one["agent"]: one["passed_over"] for one in json.loads(row["considered"])}

    def facts(self, kind: str) -> list[Row]:
        """What was written down of that kind."""
        return [json.loads(row["body"]) for row in self.rows("event", kind=kind)]

    def open_rows(self) -> Sequence[str]:
        """Everything that has not been closed."""
        return [
            f"{table} {row}"
            for table, condition in OPEN.items()
            for row in self.ask(f"SELECT * FROM {table} WHERE {condition}")
        ]

    def gaps(self) -> list[int]:
        """Numbers missing between the events."""
        numbers = [row["n"] for row in self.ask("SELECT n FROM event ORDER BY n")]
        return sorted(set(range(1, len(numbers) + 1)) ^ set(numbers))
