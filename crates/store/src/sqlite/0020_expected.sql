-- schema 20: which interval series should have values (docs/DECISIONS/0026-operating-days.md).

-- cycle_expected: by how much the number of interval series expected of a grid area changes on a local day. The sum up to a
-- day is the number expected on it. Kept up with point_period. Class: reference; a count names nobody.
CREATE TABLE cycle_expected (
    area_no INTEGER NOT NULL REFERENCES area,
    day     INTEGER NOT NULL,
    change  INTEGER NOT NULL,
    PRIMARY KEY (area_no, day)
) STRICT, WITHOUT ROWID;
INSERT INTO cycle_expected (area_no, day, change)
SELECT x.area_no, x.day, sum(x.change)
FROM (SELECT a.area_no, pp.start_day AS day, 1 AS change
      FROM point_period pp JOIN area a ON a.name = pp.grid_area AND a.kind = 'grid-area'
      WHERE pp.retired_seq IS NULL AND pp.connection = 'connected' AND pp.sub_type <> 'calculated'
            AND pp.resolution IN ('PT15M', 'PT1H')
      UNION ALL
      SELECT a.area_no, pp.end_day AS day, -1 AS change
      FROM point_period pp JOIN area a ON a.name = pp.grid_area AND a.kind = 'grid-area'
      WHERE pp.retired_seq IS NULL AND pp.connection = 'connected' AND pp.sub_type <> 'calculated'
            AND pp.resolution IN ('PT15M', 'PT1H')) x
GROUP BY x.area_no, x.day
HAVING sum(x.change) <> 0;
