import { type Static, Type } from 'typebox'

export const CheckVerdict = Type.Union([
  Type.Literal('pass'),
  Type.Literal('warn'),
  Type.Literal('fail'),
  Type.Literal('insufficient'),
])
export type CheckVerdict = Static<typeof CheckVerdict>

/** What became of one check on a batch. */
export const CheckResult = Type.Object({
  check: Type.String(),
  /** Of the check's definition. */
  digest: Type.Optional(Type.String()),
  column: Type.Optional(Type.String()),
  severity: Type.Union([Type.Literal('warn'), Type.Literal('fail'), Type.Literal('critical')]),
  verdict: CheckVerdict,
  /** Rows or values that it rests on. */
  n: Type.Number(),
  failing: Type.Optional(Type.Number()),
  value: Type.Optional(Type.Number()),
  interval: Type.Optional(Type.Object({ low: Type.Number(), high: Type.Number() })),
  examples: Type.Optional(Type.Array(Type.String())),
  sentence: Type.String(),
})
export type CheckResult = Static<typeof CheckResult>

/** GET /api/v1/quality/{verdict} */
export const QualityVerdict = Type.Object({
  id: Type.String(),
  scope: Type.String(),
  subject: Type.String(),
  batch: Type.String(),
  at: Type.Number(),
  rows: Type.Number(),
  rejected: Type.Number(),
  verdict: CheckVerdict,
  results: Type.Array(CheckResult),
})
export type QualityVerdict = Static<typeof QualityVerdict>

/** GET /api/v1/quality?subject=&scope=&limit=50&offset=0, newest first; `newest` holds one for each subject,
 * `standing` the failures that nothing has cleared since, of checks that are in force */
export const QualityPage = Type.Object({
  total: Type.Integer(),
  verdicts: Type.Array(QualityVerdict),
  newest: Type.Array(QualityVerdict),
  standing: Type.Array(QualityVerdict),
})
export type QualityPage = Static<typeof QualityPage>

/** What a column holds. Of a sensitive one nothing that could be a value; times are microseconds. */
export const ColumnProfile = Type.Object({
  name: Type.String(),
  type: Type.String(),
  sensitive: Type.Optional(Type.Boolean()),
  rows: Type.Number(),
  nulls: Type.Number(),
  distinct: Type.Number(),
  distinctIsExact: Type.Boolean(),
  top: Type.Array(Type.Object({ value: Type.String(), count: Type.Number() })),
  numbers: Type.Optional(
    Type.Object({
      min: Type.Number(),
      max: Type.Number(),
      mean: Type.Number(),
      stddev: Type.Optional(Type.Number()),
      zeros: Type.Number(),
      negatives: Type.Number(),
      /** At .01, .05, .25, .5, .75, .95 and .99. */
      quantiles: Type.Array(Type.Number()),
    }),
  ),
  lengths: Type.Optional(Type.Object({ min: Type.Number(), max: Type.Number(), mean: Type.Number() })),
  shapes: Type.Optional(Type.Array(Type.Object({ shape: Type.String(), count: Type.Number() }))),
  /** Bins of one width; what lies outside of them counts in the first and last. */
  picture: Type.Optional(Type.Object({ from: Type.Number(), to: Type.Number(), counts: Type.Array(Type.Number()) })),
})
export type ColumnProfile = Static<typeof ColumnProfile>

/** GET /api/v1/streams/{stream}/quality?limit=20&offset=0; the page is one of columns */
export const StreamQuality = Type.Object({
  stream: Type.String(),
  sentence: Type.String(),
  checks: Type.Integer(),
  verdicts: Type.Array(QualityVerdict),
  profile: Type.Optional(
    Type.Object({
      at: Type.Number(),
      rows: Type.Number(),
      total: Type.Integer(),
      offset: Type.Integer(),
      columns: Type.Array(ColumnProfile),
    }),
  ),
})
export type StreamQuality = Static<typeof StreamQuality>
