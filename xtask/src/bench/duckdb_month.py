"""Sums of a month by supplier, balance responsible, kind and quarter, in DuckDB with one thread."""

import json
import sys
import time

import duckdb

readings, points = sys.argv[1:]
db = duckdb.connect()
db.execute("SET threads = 1")
# Its bar would stand among what is told.
db.execute("SET enable_progress_bar = false")
db.execute(f"CREATE TABLE point AS FROM read_csv('{points}', columns = "
           "{'point': 'INTEGER', 'supplier': 'INTEGER', 'responsible': 'INTEGER', 'kind': 'TINYINT'})")
db.execute(f"CREATE TABLE reading AS FROM read_csv('{readings}', columns = "
           "{'point': 'INTEGER', 'quarter': 'INTEGER', 'value': 'BIGINT', 'quality': 'TINYINT'})")
count = db.execute("SELECT count(*) FROM reading").fetchone()[0]
best = None
for _ in range(3):
    begun = time.process_time()
    db.execute("""
        CREATE OR REPLACE TEMP TABLE sums AS
        SELECT supplier, responsible, kind, quarter, sum(value) AS value, bit_or(1 << quality) AS qualities
        FROM reading JOIN point USING (point) GROUP BY ALL
    """)
    taken = time.process_time() - begun
    best = taken if best is None else min(best, taken)
total = db.execute("SELECT CAST(sum(value) AS BIGINT) FROM sums").fetchone()[0]
print(json.dumps({"per_second": int(count / best), "total": total}))
