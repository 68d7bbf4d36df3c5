"""Tables as a directory of CSV files, one a table. Pure: others read the files."""

import csv
from collections.abc import Mapping
from io import StringIO

from appliance.importing.rows import Row
from appliance.trouble import Trouble


def table_of(file: str) -> str:
    """The table that a file is of: v_extensions.csv, public.v_extensions.csv and extensions.csv are the same."""
    name = file.lower().removesuffix(".gz").removesuffix(".csv").rpartition(".")[2]
    return name if name.startswith("v_") else f"v_{name}"


def read_rows(text: str, file: str) -> list[Row]:
    """The rows below a line of column names. Raises Trouble where it is no such file."""
    title = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t|", key=title.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    rows: list[Row] = []
    end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = [cell.strip().lower() for cell in cells]
                if len(columns) < 2 or not all(name.replace("_", "").isalnum() for name in columns):
                    raise Trouble(f"{file} does not begin with the names of columns: export it with a header.")
            elif len(cells) != len(columns):
                counted = f"{len(cells)} cells, the first line {len(columns)}"
                raise Trouble(f"{file}:{line}: this row has {counted}: is the file cut off, or its quotes broken?")
            else:
                rows.append(Row(f"{file}:{line}", _row(columns, cells)))
    except csv.Error as error:
        raise Trouble(f"{file}:{end + 1}: this is not a CSV row: {error}. Is the file cut off?") from None
    if not columns:
        raise Trouble(f"{file} is empty: not even the names of its columns are there.")
    return rows


def _row(columns: list[str], cells: list[str]) -> Mapping[str, str]:
    return {column: "" if cell in ("NULL", "\\N") else cell for column, cell in zip(columns, cells, strict=True)}
