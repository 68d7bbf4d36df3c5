"""What a person has done wrong where the YAML parser gave up, in plain words. Pure.

The parser says what it looked for and did not find. What helps is what was meant: a bracket that was never closed,
a text that needs quotes, a line that is indented too far.
"""

import re
from dataclasses import dataclass

_CLOSING = {"[": "]", "{": "}"}
_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: |$)")
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_KEY = re.compile(r"""\s*(?:- +)*(?:"[^"]*"|'[^']*'|[^\s"'#][^#]*?)\s*:(?:\s|$)""")
_SPECIAL = "*&!%@`|>"


@dataclass(frozen=True)
class Gave:
    """Where and why the parser gave up: `context` is what it was in, and where that began. Lines count from 0."""

    problem: str
    context: str
    line: int
    column: int
    context_line: int
    context_column: int


@dataclass(frozen=True)
class Mistake:
    """What is wrong, where (from 0), and what to do about it."""

    line: int
    column: int
    text: str
    remedy: str


def mistake(gave: Gave, text: str) -> Mistake:
    """What was done wrong."""
    return _Text(_LINE_END.split(text), gave).mistake()


class _Text:
    """The lines of a file in which the parser gave up."""

    def __init__(self, lines: list[str], gave: Gave) -> None:
        self._lines = lines
        self._gave = gave
        self._line = self._number(gave.line)
        self._rest = self._line[gave.column :]

    def mistake(self) -> Mistake:
        gave = self._gave
        for number, line in enumerate(self._lines):
            if _CONFLICT.match(line):
                remedy = (
                    "Keep one of the versions, and remove the lines that begin with <<<<<<<, ======= or >>>>>>>."
                )
                return Mistake(number, 0, "A merge of two versions has left its marks in this file.", remedy)
        if self._rest.startswith("\t"):
            return self._here("A tab stands where only spaces may.", "Indent with spaces.")
        if "flow" in gave.context:
            return self._in_brackets()
        if "quoted scalar" in gave.context:
            return self._in_quotes()
        if "block scalar" in gave.context:
            remedy = "Begin the text on the next line, or put a text that begins with | or > in quotes."
            return self._here("After | or > nothing else may stand in the line.", remedy)
        if self._line.startswith("%"):
            return Mistake(gave.line, 0, "A line that begins with % is an instruction to YAML.", "Remove it.")
        if "cannot start any token" in gave.problem or "alias" in gave.context or "anchor" in gave.context:
            return self._special()
        if "mapping values" in gave.problem:
            return self._unexpected_colon()
        if "simple key" in gave.context:
            return self._no_colon(gave.context_line)
        if "block" in gave.context:
            return self._between_lines()
        return self._here(
            "What stands here is not understood.", "Check quotation marks, brackets and the indentation."
        )

    def _number(self, line: int) -> str:
        return self._lines[line] if line < len(self._lines) else ""

    def _here(self, text: str, remedy: str) -> Mistake:
        return Mistake(self._gave.line, self._gave.column, text, remedy)

    def _began(self, text: str, remedy: str) -> Mistake:
        return Mistake(self._gave.context_line, self._gave.context_column, text, remedy)

    def _in_brackets(self) -> Mistake:
        line, column = self._opening()
        opening = self._number(line)[column : column + 1]
        closing = _CLOSING.get(opening, "]")
        if self._rest[:1] in {*_CLOSING.values()} - {closing}:
            text = (
                f'A "{self._rest[0]}" stands here, while the "{opening}" of line {line + 1} has not been closed.'
            )
            return self._here(text, f'Write "{closing}" before it.')
        if not self._rest or self._gave.line > line:
            return Mistake(line, column, f'The bracket "{opening}" is not closed.', f'Close it with "{closing}".')
        return self._here(f'Before this a comma is missing, or the "{closing}" that closes the bracket.', "")

    def _opening(self) -> tuple[int, int]:
        """Where the bracket stands in which the parser was."""
        line, column = self._gave.context_line, self._gave.context_column
        while line >= 0:
            written = self._number(line)[: column + 1]
            found = max(written.rfind(bracket) for bracket in _CLOSING)
            if found >= 0:
                return line, found
            line, column = line - 1, len(self._number(line - 1))
        return self._gave.context_line, self._gave.context_column

    def _in_quotes(self) -> Mistake:
        if "escape" in self._gave.problem or "hexdecimal" in self._gave.problem:
            remedy = "Use single quotation marks, in which a backslash is just that."
            return self._here("A backslash in double quotation marks has a meaning of its own.", remedy)
        return self._began("This quotation mark is not closed.", "Close it at the end of the text.")

    def _special(self) -> Mistake:
        sign = self._rest[:1] if self._rest[:1] in _SPECIAL else self._line[: self._gave.column][-1:]
        column = self._gave.column - (self._rest[:1] not in _SPECIAL)
        return Mistake(
            self._gave.line,
            column,
            f"A text that begins with {sign} must stand in quotes.",
            f'Write it like "{sign}".',
        )

    def _unexpected_colon(self) -> Mistake:
        if _KEY.match(self._line[: self._gave.column]):
            remedy = 'Write it like name: "Gold: the best".'
            return self._here("A text that contains a colon and a space must stand in quotes.", remedy)
        before = self._line_before()
        if before is not None and not _KEY.match(self._lines[before]):
            return self._no_colon(before)
        column = len(self._line) - len(self._line.lstrip())
        remedy = "Indent it like the line above, if both belong to the same thing."
        return Mistake(self._gave.line, column, "This line is indented too far.", remedy)

    def _no_colon(self, line: int) -> Mistake:
        written = self._number(line)
        column = len(written) - len(written.lstrip())
        if re.match(r"-[^\s-]", written.lstrip()):
            return Mistake(line, column, "A space must follow the hyphen of a list.", 'Write it like "- 1001".')
        return Mistake(line, column, "A colon and a space must follow a key.", 'Write it like "key: value".')

    def _between_lines(self) -> Mistake:
        before = self._line[: self._gave.column].rstrip()
        if self._rest[:1] in _CLOSING.values():
            return self._here(f'This "{self._rest[0]}" closes nothing.', "Remove it.")
        if before.endswith(("'", '"')):
            remedy = "Put the other kind of quotation marks around the text."
            return self._here("The text in quotation marks has ended before this.", remedy)
        if before:
            return self._here("The value has ended before this.", "Remove the rest, or begin a new line.")
        remedy = "Indent it exactly like the other lines that belong to the same thing."
        return self._here("The indentation of this line fits none of the lines above.", remedy)

    def _line_before(self) -> int | None:
        """The nearest line above that is neither empty nor a remark."""
        above = range(self._gave.line - 1, -1, -1)
        return next(
            (n for n in above if self._lines[n].strip() and not self._lines[n].lstrip().startswith("#")), None
        )
