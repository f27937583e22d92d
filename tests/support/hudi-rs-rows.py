"""Rows of a Hudi table as the independent reader hudi-rs sees them, in the wire values of the API.

Arguments: the table's folder, a JSON list of columns, a JSON list of those in microseconds, a JSON list of instants (null = now).
Prints a JSON list of lists of rows.
"""
import base64
import datetime
import json
import math
import sys

import pyarrow as pa
from hudi import HudiReadOptions, HudiTableBuilder

SAFE = 2**53 - 1
EPOCH = datetime.date(1970, 1, 1)


def wire(value, kind):
    if value is None:
        return None
    if pa.types.is_map(kind):
        return {key: wire(item, kind.item_type) for key, item in value}
    if pa.types.is_list(kind):
        return [wire(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return {field.name: wire(value[field.name], field.type) for field in kind}
    if pa.types.is_floating(kind):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if pa.types.is_integer(kind):
        return value if -SAFE <= value <= SAFE else str(value)
    if pa.types.is_decimal(kind):
        return str(value)
    if pa.types.is_date(kind):
        return (value - EPOCH).days
    if pa.types.is_binary(kind):
        return base64.b64encode(value).decode()
    return value


def rows(table, columns, micros, instant):
    options = HudiReadOptions()
    if instant is not None:
        options = options.with_as_of_timestamp(instant)
    found = []
    for batch in table.read(options):
        lists = []
        for name in columns:
            column = batch.column(name)
            kind = column.type
            if pa.types.is_timestamp(kind):
                unit = 1 if name in micros else 1000
                lists.append([None if value is None else value // unit for value in column.cast(pa.int64()).to_pylist()])
            else:
                lists.append([wire(value, kind) for value in column.to_pylist()])
        found.extend(map(list, zip(*lists)))
    return found


folder = sys.argv[1]
columns, micros, instants = map(json.loads, sys.argv[2:5])
opened = HudiTableBuilder.from_base_uri(folder).build()
json.dump([rows(opened, columns, micros, instant) for instant in instants], sys.stdout)
