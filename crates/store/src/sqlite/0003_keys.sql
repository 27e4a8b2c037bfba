-- schema 3: three keys for an occupancy, one for each category that ends at a time of its own.
-- An occupancy of an older schema has one key, which then stands in all three columns.
-- consumption_key_no seals consumption, climate_key_no indoor climate, telegram_key_no raw telegrams.
ALTER TABLE occupancy RENAME COLUMN key_no TO consumption_key_no;
ALTER TABLE occupancy ADD COLUMN climate_key_no INTEGER NOT NULL DEFAULT 0;
ALTER TABLE occupancy ADD COLUMN telegram_key_no INTEGER NOT NULL DEFAULT 0;
UPDATE occupancy SET climate_key_no = consumption_key_no, telegram_key_no = consumption_key_no;
CREATE INDEX occupancy_by_climate_key ON occupancy (climate_key_no);

-- sealed_day: the local day whose month's key sealed the memory of a series. 0 in rows of an older schema,
-- whose keys are the same for every month.
ALTER TABLE series_state ADD COLUMN sealed_day INTEGER NOT NULL DEFAULT 0;
