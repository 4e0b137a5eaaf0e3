"""Scores flights without a feature store: features in DuckDB SQL, the model as ONNX in onnxruntime, both on two threads.

batch_asof_onnx.py POPULATION ARRIVALS MODEL FEATURES OUTPUT: files, but for the names of the model's inputs as JSON. Windows are differences of running totals, each found
by an ASOF join: what a good SQL author writes. A window with a hop begins at a multiple of the hop.
"""

import json
import resource
import sys
import time

import duckdb
import numpy
import onnxruntime
import pyarrow
import pyarrow.parquet

population, arrivals, model, features, output = sys.argv[1:]
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WINDOWS = [("1h", HOUR, MINUTE), ("3h", 3 * HOUR, 5 * MINUTE), ("24h", DAY, 15 * MINUTE), ("7d", 7 * DAY, HOUR)]
GROUPS = [
    ("origin_delays", ["origin"], WINDOWS),
    ("destination_delays", ["destination"], WINDOWS),
    ("route_delays", ["origin", "destination"], WINDOWS[2:]),
]

started = time.perf_counter()
database = duckdb.connect()
database.execute("SET threads = 2; SET TimeZone = 'UTC'")
database.execute(f"""CREATE TEMP TABLE asked AS
    SELECT row_number() OVER () AS ordinal, flight, origin, destination, distance_mi, scheduled_at,
        epoch_us(scheduled_at) AS t FROM '{population}'""")
database.execute(f"""CREATE TEMP TABLE landed AS
    SELECT origin, destination, delay_min, epoch_us(arrived_at) AS landing FROM '{arrivals}'""")

selected = {}
joins = []
for group, keys, windows in GROUPS:
    key = ", ".join(keys)
    database.execute(f"""CREATE TEMP TABLE {group} AS
        SELECT {key}, landing, sum(n) OVER entity AS n, sum(s) OVER entity AS s, sum(late) OVER entity AS late
        FROM (SELECT {key}, landing, count(*) AS n, sum(delay_min) AS s, sum((delay_min > 15)::INT) AS late
            FROM landed GROUP BY {key}, landing)
        WINDOW entity AS (PARTITION BY {key} ORDER BY landing)""")
    same = lambda alias: " AND ".join(f"asked.{column} = {alias}.{column}" for column in keys)
    now = f"{group}_now"
    joins.append(f"ASOF LEFT JOIN {group} {now} ON {same(now)} AND asked.t > {now}.landing")
    for name, length, hop in windows:
        before = f"{group}_{name}"
        begin = f"((asked.t - {length}) // {hop}) * {hop}"
        joins.append(f"ASOF LEFT JOIN {group} {before} ON {same(before)} AND {begin} > {before}.landing")
        n = f"(coalesce({now}.n, 0) - coalesce({before}.n, 0))"
        for value in ("s", "late"):
            total = f"(coalesce({now}.{value}, 0) - coalesce({before}.{value}, 0))"
            feature = "mean_delay" if value == "s" else "late_share"
            selected[f"{group}.{feature}_{name}"] = f"{total}::DOUBLE / nullif({n}, 0)"
        selected[f"{group}.arrivals_{name}"] = f"{n}::DOUBLE"
clock = "timezone('America/Chicago', asked.scheduled_at::TIMESTAMPTZ)"
selected["timing.hour"] = f"hour({clock})::DOUBLE"
selected["timing.minute"] = f"minute({clock})::DOUBLE"
selected["timing.weekday"] = f"isodow({clock})::DOUBLE"
selected["distance_mi"] = "asked.distance_mi::DOUBLE"

session_options = onnxruntime.SessionOptions()
session_options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(model, session_options, providers=["CPUExecutionProvider"])
inputs = [given.name for given in session.get_inputs()]
order = json.loads(features)
columns = ", ".join(f'({selected[name]})::FLOAT AS "{name}"' for name in order)
table = database.execute(f"""SELECT flight, t, {columns} FROM asked {' '.join(joins)} ORDER BY ordinal""").to_arrow_table()
matrix = numpy.column_stack(
    [table.column(name).to_numpy(zero_copy_only=False).astype(numpy.float32) for name in order]
)
parts = []
for begin in range(0, len(matrix), 50_000):
    parts.append(session.run(None, {inputs[0]: matrix[begin : begin + 50_000]})[-1])
scores = numpy.concatenate(parts)
scores = scores[:, -1] if scores.ndim == 2 else scores
decisions = numpy.where(scores > 0.5, "rebook", "keep")
scored = pyarrow.table({"flight": table["flight"], "t": table["t"], "score": scores.astype(numpy.float64), "decision": decisions})
pyarrow.parquet.write_table(scored, output, compression="zstd")
seconds = time.perf_counter() - started

usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "rows": len(scores),
            "peak_rss_mb": round(usage.ru_maxrss / 1024),
            "version": f"DuckDB {duckdb.__version__}, onnxruntime {onnxruntime.__version__}",
        }
    )
)
