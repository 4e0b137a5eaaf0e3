-- Point-in-time counts and means by window functions: arrivals and departures on one time axis, and per window a frame
-- of the arrivals before t. The runner puts in FLIGHTS and OUTPUT.
CREATE TEMP TABLE axis AS
SELECT origin, epoch_us(date) + (delay + distance // 8 + 30) * 60000000 AS t, delay, NULL AS ordinal
FROM $FLIGHTS
UNION ALL
SELECT origin, epoch_us(date) AS t, NULL AS delay, file_row_number AS ordinal
FROM $FLIGHTS;

COPY (
  SELECT
    ordinal,
    count_1h, sum_1h::DOUBLE / nullif(count_1h, 0) AS mean_1h,
    count_3h, sum_3h::DOUBLE / nullif(count_3h, 0) AS mean_3h,
    count_24h, sum_24h::DOUBLE / nullif(count_24h, 0) AS mean_24h,
    count_7d, sum_7d::DOUBLE / nullif(count_7d, 0) AS mean_7d
  FROM (
    SELECT
      ordinal,
      count(delay) OVER h1 AS count_1h, sum(delay) OVER h1 AS sum_1h,
      count(delay) OVER h3 AS count_3h, sum(delay) OVER h3 AS sum_3h,
      count(delay) OVER h24 AS count_24h, sum(delay) OVER h24 AS sum_24h,
      count(delay) OVER d7 AS count_7d, sum(delay) OVER d7 AS sum_7d
    FROM axis
    WINDOW
      h1 AS (PARTITION BY origin ORDER BY t RANGE BETWEEN 3600000000 PRECEDING AND 1 PRECEDING),
      h3 AS (PARTITION BY origin ORDER BY t RANGE BETWEEN 10800000000 PRECEDING AND 1 PRECEDING),
      h24 AS (PARTITION BY origin ORDER BY t RANGE BETWEEN 86400000000 PRECEDING AND 1 PRECEDING),
      d7 AS (PARTITION BY origin ORDER BY t RANGE BETWEEN 604800000000 PRECEDING AND 1 PRECEDING)
  )
  WHERE ordinal IS NOT NULL
) TO $OUTPUT (FORMAT parquet);
