"""What DataFusion finds in an exported folder: one JSON object for each month."""

import json
import sys

import pyarrow
from datafusion import SessionContext

QUERY = """
SELECT area, month, count(*), count(value), CAST(sum(value) * 1000 AS BIGINT), count(DISTINCT pseudonym),
       count(*) FILTER (WHERE quality = 'missing'), count(*) FILTER (WHERE is_correction), count(rules),
       CAST(to_timestamp_micros(min(start)) AS BIGINT), CAST(to_timestamp_micros(max(start)) AS BIGINT),
       min(arrow_typeof(value)), min(arrow_typeof(start))
FROM lake GROUP BY area, month ORDER BY area, month
"""
NAMES = [
    "area", "month", "rows", "values", "thousandths", "points", "missing", "corrections", "with_rules",
    "first", "last", "value_type", "start_type",
]

session = SessionContext()
folders = [("area", pyarrow.string()), ("month", pyarrow.string())]
session.register_parquet("lake", sys.argv[1], table_partition_cols=folders)
for row in session.sql(QUERY).to_pylist():
    print(json.dumps(dict(zip(NAMES, row.values()))))
