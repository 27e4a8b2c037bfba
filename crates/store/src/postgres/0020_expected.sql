-- schema 20: which interval series should have values (docs/DECISIONS/0026-operating-days.md).

CREATE TABLE cycle_expected (
    area_no BIGINT NOT NULL REFERENCES area,
    day     BIGINT NOT NULL,
    change  BIGINT NOT NULL,
    PRIMARY KEY (area_no, day)
);
COMMENT ON TABLE cycle_expected IS
    'By how much the number of interval series expected of a grid area changes on a local day; the sum up to a day is the '
    'number expected on it. Kept up with point_period. Class: reference; a count names nobody.';
COMMENT ON COLUMN cycle_expected.area_no IS 'grid area';
COMMENT ON COLUMN cycle_expected.day IS 'local day, counted from 1970-01-01';
COMMENT ON COLUMN cycle_expected.change IS 'series that are expected from this day on, less those that no longer are';
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
