-- Point-in-time counts and means by prefix sums: running totals per airport at each moment of arrival, and two ASOF
-- joins per window, one at t and one at t - window; their difference is the window. The runner puts in FLIGHTS and OUTPUT.
CREATE TEMP TABLE arrivals AS
SELECT origin, epoch_us(date) + (delay + distance // 8 + 30) * 60000000 AS landed, delay
FROM $FLIGHTS;

CREATE TEMP TABLE departures AS
SELECT file_row_number AS ordinal, origin, epoch_us(date) AS t
FROM $FLIGHTS;

CREATE TEMP TABLE totals AS
SELECT origin, landed, sum(n) OVER airport AS n, sum(s) OVER airport AS s
FROM (SELECT origin, landed, count(*) AS n, sum(delay) AS s FROM arrivals GROUP BY origin, landed)
WINDOW airport AS (PARTITION BY origin ORDER BY landed);

COPY (
  SELECT
    d.ordinal,
    coalesce(now.n, 0) - coalesce(h1.n, 0) AS count_1h, (now.s - coalesce(h1.s, 0))::DOUBLE / nullif(coalesce(now.n, 0) - coalesce(h1.n, 0), 0) AS mean_1h,
    coalesce(now.n, 0) - coalesce(h3.n, 0) AS count_3h, (now.s - coalesce(h3.s, 0))::DOUBLE / nullif(coalesce(now.n, 0) - coalesce(h3.n, 0), 0) AS mean_3h,
    coalesce(now.n, 0) - coalesce(h24.n, 0) AS count_24h, (now.s - coalesce(h24.s, 0))::DOUBLE / nullif(coalesce(now.n, 0) - coalesce(h24.n, 0), 0) AS mean_24h,
    coalesce(now.n, 0) - coalesce(d7.n, 0) AS count_7d, (now.s - coalesce(d7.s, 0))::DOUBLE / nullif(coalesce(now.n, 0) - coalesce(d7.n, 0), 0) AS mean_7d
  FROM departures d
  ASOF LEFT JOIN totals now ON d.origin = now.origin AND d.t > now.landed
  ASOF LEFT JOIN totals h1 ON d.origin = h1.origin AND d.t - 3600000000 > h1.landed
  ASOF LEFT JOIN totals h3 ON d.origin = h3.origin AND d.t - 10800000000 > h3.landed
  ASOF LEFT JOIN totals h24 ON d.origin = h24.origin AND d.t - 86400000000 > h24.landed
  ASOF LEFT JOIN totals d7 ON d.origin = d7.origin AND d.t - 604800000000 > d7.landed
) TO $OUTPUT (FORMAT parquet);
