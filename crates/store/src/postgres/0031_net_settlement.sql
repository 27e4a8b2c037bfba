-- schema 31: how own production and heating by electricity are settled (docs/DECISIONS/0038-computed-series.md).

ALTER TABLE point_period ADD COLUMN net_settlement_group BIGINT
    CHECK (net_settlement_group IN (0, 1, 2, 3, 4, 5, 6, 7, 99));
ALTER TABLE point_period ADD COLUMN settlement_month BIGINT CHECK (settlement_month BETWEEN 1 AND 12);
ALTER TABLE point_period ADD COLUMN electrical_heating BIGINT NOT NULL DEFAULT 0 CHECK (electrical_heating IN (0, 1));
ALTER TABLE point_period ADD CHECK ((settlement_month IS NOT NULL) = (coalesce(net_settlement_group, 0) = 6));
COMMENT ON COLUMN point_period.net_settlement_group IS 'net settlement group, number of the market; NULL where nobody says';
COMMENT ON COLUMN point_period.settlement_month IS 'of group 6: month its settlement year begins with, 1 to 12';
COMMENT ON COLUMN point_period.electrical_heating IS '1 if the consumption point is heated by electricity';
