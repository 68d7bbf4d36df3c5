"""Inserts and updates whose SQL is made once: making it anew each time costs far more than carrying it out."""

from collections.abc import Mapping

from peewee import Model

from appliance.records import models as t

_made: dict[tuple[object, ...], str] = {}


def insert(table: type[Model], *, or_ignore: bool = False, **values: object) -> None:
    """Add a row; with `or_ignore`, none where one of that key is there."""
    key = ("insert", or_ignore, t.database.param, table, *values)
    sql = _made.get(key)
    if sql is None:
        marks = ", ".join([t.database.param] * len(values))
        sql = f"INSERT INTO {_name(table)} ({', '.join(_columns(table, values))}) VALUES ({marks})"
        _made[key] = sql = sql + " ON CONFLICT DO NOTHING" if or_ignore else sql
    t.database.execute_sql(sql, _stored(table, values))


def update(table: type[Model], where: Mapping[str, object], **values: object) -> None:
    """Change the rows that have all these values; None is found where there is none."""
    key = ("update", t.database.param, table, *values, "where", *((name, where[name] is None) for name in where))
    sql = _made.get(key)
    if sql is None:
        changes = ", ".join(f"{column} = {t.database.param}" for column in _columns(table, values))
        given = zip(_columns(table, where), where.values(), strict=True)
        found = " AND ".join(
            f"{c} IS NULL" if value is None else f"{c} = {t.database.param}" for c, value in given
        )
        _made[key] = sql = f"UPDATE {_name(table)} SET {changes} WHERE {found}"
    known = {name: value for name, value in where.items() if value is not None}
    t.database.execute_sql(sql, _stored(table, values) + _stored(table, known))


def _name(table: type[Model]) -> str:
    return _quoted(table._meta.table_name)


def _columns(table: type[Model], values: Mapping[str, object]) -> list[str]:
    return [_quoted(table._meta.fields[name].column_name) for name in values]


def _stored(table: type[Model], values: Mapping[str, object]) -> list[object]:
    fields = table._meta.fields
    return [fields[name].db_value(value) for name, value in values.items()]


def _quoted(name: str) -> str:
    opening, closing = t.database.quote
    return f"{opening}{name}{closing}"
