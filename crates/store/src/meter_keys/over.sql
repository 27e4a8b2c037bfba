-- delete_keys_over
-- hung: where the meters of each key hung while it held, and whether they hang there still.
WITH hung AS (
    SELECT k.meter_key_no, k.to_day <= ?1 OR i.end_day <= ?1 AS is_past, i.point_no,
           CASE WHEN k.from_day > i.start_day THEN k.from_day ELSE i.start_day END AS start_day,
           CASE WHEN k.to_day < i.end_day THEN k.to_day ELSE i.end_day END AS end_day
    FROM meter_key k
         JOIN device d ON d.title = k.title
                       OR (d.manufacturer = k.manufacturer AND d.number = k.number
                           AND k.version IN (-1, d.version) AND k.medium IN (-1, d.medium))
         JOIN installation i USING (device_no)
    WHERE k.from_day < k.to_day AND k.from_day < i.end_day AND i.start_day < k.to_day AND i.start_day < i.end_day),
-- needed: the meter hangs there still, its last day there is not erased, or somebody's telegrams of its days are kept.
needed AS (
    SELECT h.meter_key_no FROM hung h JOIN point p USING (point_no)
    WHERE NOT h.is_past
       OR (h.end_day > p.closed_before AND NOT EXISTS (
               SELECT 1 FROM occupancy_point op JOIN occupancy o USING (occupancy_no)
               WHERE op.point_no = h.point_no AND o.start_day < h.end_day AND h.end_day <= o.end_day
                 AND h.end_day <= o.telegram_from))
       OR EXISTS (
               SELECT 1 FROM occupancy_point op JOIN occupancy o USING (occupancy_no)
               WHERE op.point_no = h.point_no AND o.start_day < h.end_day AND h.start_day < o.end_day
                 AND o.telegram_from < o.end_day AND o.telegram_from < h.end_day))
DELETE FROM meter_key
WHERE meter_key_no IN (SELECT meter_key_no FROM hung)
  AND meter_key_no NOT IN (SELECT meter_key_no FROM needed)
