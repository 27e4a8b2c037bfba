"""What DuckDB finds in an exported folder: one JSON object for each month."""

import json
import sys

import duckdb

QUERY = """
SELECT area, month, count(*), count(value), CAST(sum(value) * 1000 AS HUGEINT), count(DISTINCT pseudonym),
       count(*) FILTER (quality = 'missing'), count(*) FILTER (is_correction), count(rules),
       epoch_us(min(start)), epoch_us(max(start)), any_value(typeof(value)), any_value(typeof(start))
FROM read_parquet(?, hive_partitioning = true) GROUP BY area, month ORDER BY area, month
"""
NAMES = [
    "area", "month", "rows", "values", "thousandths", "points", "missing", "corrections", "with_rules",
    "first", "last", "value_type", "start_type",
]

for row in duckdb.execute(QUERY, [sys.argv[1] + "/area=*/month=*/*.parquet"]).fetchall():
    found = dict(zip(NAMES, row))
    found["area"], found["month"] = str(found["area"]), str(found["month"])[:7]
    print(json.dumps(found))
