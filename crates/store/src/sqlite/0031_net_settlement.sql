-- schema 31: how own production and heating by electricity are settled (docs/DECISIONS/0038-computed-series.md).

-- point_period.net_settlement_group: the market's number; NULL where nobody says. settlement_month: the month a settlement year of group 6
-- begins with. electrical_heating: whether a consumption point is heated by electricity. Class: reference.
ALTER TABLE point_period ADD COLUMN net_settlement_group INTEGER
    CHECK (net_settlement_group IN (0, 1, 2, 3, 4, 5, 6, 7, 99));
ALTER TABLE point_period ADD COLUMN settlement_month INTEGER
    CHECK (settlement_month BETWEEN 1 AND 12)
    CHECK ((settlement_month IS NOT NULL) = (coalesce(net_settlement_group, 0) = 6));
ALTER TABLE point_period ADD COLUMN electrical_heating INTEGER NOT NULL DEFAULT 0 CHECK (electrical_heating IN (0, 1));
