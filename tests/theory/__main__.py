"""The table of docs/theory.md: `python -m tests.theory`. Takes ten minutes of processor time."""

import sys

import click

from tests.theory.rows import ROWS, WITHIN, Figure, Row, compare

TIMES = 16  # as many callers as in the test, so that chance counts four times less


@click.command()
@click.option("--times", default=TIMES, show_default=True, help="As many callers as in the test, so many times.")
def table(times: int) -> None:
    """Print each row. Exit status: 0 line and theory agree, 1 they do not."""
    click.echo(
        f"| agents | load | patience | strategy | callers | | waits | mean wait | within {WITHIN:g} s | gives up |"
    )
    click.echo("|---" * 10 + "|")
    differ = 0
    for seed, row in enumerate(ROWS):
        figures = compare(row, seed, times=times)
        differ += sum(not figure.agrees for figure in figures)
        for line in _lines(row, figures, times):
            click.echo(line)
    click.echo(f"\n{differ} of {len(ROWS) * len(figures)} figures differ by more than chance.")
    sys.exit(1 if differ else 0)


def _lines(row: Row, figures: list[Figure], times: int) -> tuple[str, str]:
    model = "Erlang C" if row.patience is None else "Erlang A"
    patience = "endless" if row.patience is None else f"{row.patience:g} s"
    theory = " | ".join(_value(figure, figure.theory) for figure in figures)
    measured = " | ".join(f"{_value(f, f.measured)} ± {_value(f, f.off_by)}" for f in figures)
    callers = f"{row.callers * times:,}"
    return (
        f"| {row.agents} | {row.load:g} | {patience} | {row.strategy.value} | {callers} | {model} | {theory} |",
        f"| | | | | | the line | {measured} |",
    )


def _value(figure: Figure, value: float) -> str:
    return f"{value:.2f} s" if figure.name == "mean wait" else f"{value:.2%}".replace("%", " %")


if __name__ == "__main__":
    table()
