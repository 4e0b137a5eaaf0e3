/** What a project file imports: the definitions of a project and the errors that they may raise. */
export { TruelineError } from './core/errors.ts'
export {
  approximateDistinct,
  approximateQuantile,
  count,
  distinct,
  first,
  kurtosis,
  last,
  max,
  mean,
  median,
  min,
  quantile,
  rate,
  share,
  skewness,
  stddev,
  sum,
  timeSinceLast,
  variance,
} from './language/define/aggregations.ts'
export { alerts } from './language/define/alerts.ts'
export { batch, rowsOf } from './language/define/batch.ts'
export {
  columnExists,
  columnsAre,
  completeness,
  distinctCount,
  distinctRatio,
  distributedLike,
  freshness,
  meanOf,
  nullRate,
  quantileOf,
  references,
  rowCount,
  stddevOf,
  typeIs,
  unique,
  uniqueTogether,
} from './language/define/batch-checks.ts'
export { directional, edgeCases, invariantTo, monotone } from './language/define/behaviour.ts'
export type { Check } from './language/define/check-builder.ts'
export { t } from './language/define/column-types.ts'
export { type CommandOptions, command } from './language/define/command.ts'
export { decayedMean, decayedSum } from './language/define/decayed-aggregations.ts'
export { above, bands, classCosts, classThresholds, costs, override } from './language/define/decision.ts'
export type { Definition, ProjectDefinition } from './language/define/definitions.ts'
export { type Derived, derived, feature } from './language/define/derived.ts'
export { encode } from './language/define/encode.ts'
export { type Entity, entity } from './language/define/entity.ts'
export { type Features, features } from './language/define/features.ts'
export { gbdt } from './language/define/gbdt.ts'
export { type Label, label } from './language/define/label.ts'
export { type LimitsOptions, limits, type RateOptions } from './language/define/limits.ts'
export { linear, logistic } from './language/define/linear.ts'
export { model } from './language/define/model.ts'
export { byTime } from './language/define/model-parts.ts'
export { predictions } from './language/define/predictions.ts'
export { rawModel } from './language/define/raw-model.ts'
export { type Request, request } from './language/define/request.ts'
export type { ContinuousOptions, RetrainOptions } from './language/define/retrain-definition.ts'
export {
  atLeast,
  atMost,
  between,
  compare,
  holds,
  inSet,
  lengthBetween,
  matches,
  missingTokens,
  notInSet,
  notNull,
  parsesAsDate,
} from './language/define/row-checks.ts'
export { about, expectRows, given, type Scenario, status, test } from './language/define/scenario.ts'
export { grid, halving, randomSearch } from './language/define/search.ts'
export {
  bottomK,
  histogram,
  mostFrequent,
  quantiles,
  topK,
  uniqueValues,
} from './language/define/several-aggregations.ts'
export { source } from './language/define/source.ts'
export { csv, env, httpPages, jsonLines, parquet, postgres, sqlite } from './language/define/source-locations.ts'
export { type Stream, stream } from './language/define/stream.ts'
export { type Table, table } from './language/define/table.ts'
export { col, req, when } from './language/define/terms.ts'
