/** Every command line that the console shows, in one place, so that it can be held against the CLI. */
export const commands = {
  demo: () => 'trueline demo',
  up: () => 'trueline up',
  apply: () => 'trueline up --apply',
  ingest: (stream = 'STREAM', file = 'FILE') => `trueline ingest ${stream} ${file}`,
  deadLetters: (stream?: string, code?: string) => `trueline deadletters${choiceOf(stream, code)}`,
  showDeadLetter: (letter: number) => `trueline deadletters show ${letter}`,
  fixDeadLetter: (letter: number, set: readonly string[], drop: readonly string[]) =>
    `trueline deadletters fix ${letter}${changesOf(set, drop)}`,
  fixDeadLetters: (stream: string, code: string, set: readonly string[], drop: readonly string[]) =>
    `trueline deadletters fix${choiceOf(stream, code)}${changesOf(set, drop)}`,
  fixByHand: (letter: number) => `trueline deadletters fix ${letter} --row '{…}'`,
  replayDeadLetter: (letter: number) => `trueline deadletters replay ${letter}`,
  discardDeadLetter: (letter: number) => `trueline deadletters discard ${letter} --reason "…"`,
  profileStream: (stream: string) => `trueline quality profile ${stream}`,
  suggestChecks: (stream: string) => `trueline quality suggest ${stream}`,
  showVerdict: (verdict: string) => `trueline quality show ${verdict}`,
  slo: (model: string) => `trueline slo ${model}`,
  audit: () => 'trueline features audit',
  features: (search = '') => `trueline features${search === '' ? '' : ` --search ${quoted(search)}`}`,
  showFeature: (feature: string) => `trueline features show ${feature}`,
  alerts: (filter: AlertChoice = {}) => `trueline alerts${alertOptions(filter)}`,
  showAlert: (id: string) => `trueline alerts show ${id}`,
  acts: ({ target, ...filter }: Readonly<Record<string, string>> = {}) =>
    `trueline audit${target === undefined ? '' : ` ${quotedWhereNeeded(target)}`}${optionsOf(filter)}`,
  verifyActs: () => 'trueline audit verify',
  sources: () => 'trueline sources',
  sourceRuns: (source: string) => `trueline sources runs ${source}`,
  sourceColumns: (source: string) => `trueline sources columns ${source}`,
  runSource: (source: string) => `trueline sources run ${source}`,
  backfillSource: (source: string, from: string, to: string) =>
    `trueline sources backfill ${source} --from ${from} --to ${to}`,
  resetSource: (source: string) => `trueline sources reset ${source} --reason "…"`,
  acceptSource: (source: string) => `trueline sources accept ${source}`,
  predictions: (filter: Readonly<Record<string, string>> = {}) => `trueline predictions${optionsOf(filter)}`,
  showPrediction: (prediction: string) => `trueline predictions show ${prediction}`,
  runbook: (kind: string) => `trueline runbook ${kind}`,
  acknowledge: (id: string) => `trueline alerts acknowledge ${id}`,
  train: (model: string) => `trueline train ${quotedWhereNeeded(model)}`,
  approve: (model: string, version: number | string) =>
    `trueline approve ${quotedWhereNeeded(model)} ${version} --as "…"`,
  promote: (model: string, version: number | string) => `trueline promote ${quotedWhereNeeded(model)} ${version}`,
  rollback: (model: string) => `trueline rollback ${quotedWhereNeeded(model)} --reason "…"`,
  explain: (prediction: string) => `trueline explain ${prediction}`,
  predict: (model: string) => `trueline predict ${model} '{…}'`,
  lineage: (of: string) => `trueline lineage ${quotedWhereNeeded(of)}`,
  runs: (filter = '', order = '') =>
    `trueline runs list${filter === '' ? '' : ` --filter ${quoted(filter)}`}${order === '' ? '' : ` --order-by ${quoted(order)}`}`,
  runLog: (run: string) => `trueline runs logs ${run}`,
  compareRuns: (runs: readonly string[]) => `trueline runs compare ${runs.join(' ')}`,
  monitor: (model: string) => `trueline monitor ${model}`,
  reject: (model: string, version: number | string) =>
    `trueline reject ${quotedWhereNeeded(model)} ${version} --reason "…" --as "…"`,
  retraining: () => 'trueline retraining status',
  retrainingHistory: (model?: string, runs = false) =>
    `trueline retraining history${model === undefined ? '' : ` ${model}`}${runs ? ' --runs' : ''}`,
  retrain: (model: string) => `trueline retraining run ${model} --reason "…"`,
  simulations: () => 'trueline simulations',
  showSimulation: (number: number) => `trueline simulations show ${number}`,
  simulate: (model: string) => `trueline simulate ${model} --policy never weekly own`,
  registeredModels: (filter = '') => `trueline models list${filter === '' ? '' : ` --filter ${quoted(filter)}`}`,
  showVersion: (model: string, version: number) => `trueline models show ${quotedWhereNeeded(model)} ${version}`,
  importVersion: (model: string, version: number) =>
    `trueline models import ${quotedWhereNeeded(model)} --version ${version}`,
  served: (model: string, at?: string) =>
    `trueline models served ${quotedWhereNeeded(model)}${at === undefined ? '' : ` --at ${at}`}`,
  aliasHistory: (model: string, alias?: string) =>
    `trueline models history ${quotedWhereNeeded(model)}${alias === undefined ? '' : ` --alias ${quotedWhereNeeded(alias)}`}`,
  batches: () => 'trueline score --batches',
  batchRuns: () => 'trueline score --runs',
  runBatch: (batch: string) => `trueline score --batch ${batch}`,
  cancelBatch: (batch: string) => `trueline score --cancel ${batch}`,
  scoreFile: (model: string) => `trueline score ${model} --population customers.csv --to scores.parquet`,
  streams: () => 'trueline stream',
  pauseStream: (model: string) => `trueline stream pause ${model} --reason "…"`,
  resumeStream: (model: string) => `trueline stream resume ${model} --reason "…"`,
  slos: () => 'trueline slo',
  loadTests: () => 'trueline loadtest --runs',
  loadTest: (model: string) => `trueline loadtest ${model} --rate 500 --for 30s`,
  loadTestAgain: (model: string, rates: readonly number[], how: LoadSettings) =>
    `trueline loadtest ${model} ${rates.length === 1 ? '--rate' : '--steps'} ${rates.join(',')}${loadOptions(how)}`,
  capacity: (model: string, target: number) => `trueline capacity ${model} --target ${target}`,
  decisions: (all: boolean) => `trueline decisions${all ? ' --all' : ''}`,
  decide: (model: string) => `trueline decisions set ${model} COLUMN=VALUE --decision DECISION --reason "…"`,
  revoke: (rule: number) => `trueline decisions revoke ${rule} --reason "…"`,
  overrides: (prediction?: string) =>
    `trueline decisions overrides${prediction === undefined ? '' : ` --prediction ${prediction}`}`,
  override: (prediction = 'PREDICTION') => `trueline decisions override ${prediction} --decision DECISION --reason "…"`,
  trace: (prediction: string) => `trueline trace ${prediction}`,
  card: (model: string) => `trueline card ${model}`,
  readiness: (model: string) => `trueline readiness ${quotedWhereNeeded(model)}`,
} as const

/** How a load test asked, where that is not as it does unless told. */
interface LoadSettings {
  readonly seconds: number
  readonly rowsPerRequest: number
  readonly connections: number
  readonly arrivals: 'poisson' | 'constant'
  readonly rows: 'stream' | 'file'
}

function loadOptions({ seconds, rowsPerRequest, connections, arrivals, rows }: LoadSettings): string {
  return [
    ` --for ${seconds}s`,
    rowsPerRequest === 1 ? '' : ` --rows-per-request ${rowsPerRequest}`,
    connections === 64 ? '' : ` --connections ${connections}`,
    arrivals === 'poisson' ? '' : ` --arrivals ${arrivals}`,
    // Where the file is, nobody knows but who made the test.
    rows === 'stream' ? '' : ' --rows FILE.jsonl',
  ].join('')
}

interface AlertChoice {
  readonly state?: 'open' | 'resolved' | 'all'
  readonly about?: string | undefined
  readonly from?: string | null
  readonly to?: string | null
}

function alertOptions({ state = 'all', about, from, to }: AlertChoice): string {
  const named = { about, from: from ?? undefined, to: to ?? undefined }
  return `${state === 'all' ? '' : ` --${state}`}${optionsOf(named)}`
}

/** Options of a command line, by their names. */
function optionsOf(filter: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(filter)
    .map(([name, value]) => (value === undefined ? '' : ` --${name} ${quotedWhereNeeded(value)}`))
    .join('')
}

function choiceOf(stream: string | undefined, code: string | undefined): string {
  return `${stream === undefined ? '' : ` --stream ${stream}`}${code === undefined ? '' : ` --code ${code}`}`
}

function changesOf(set: readonly string[], drop: readonly string[]): string {
  return [...set.map((text) => ` --set ${quoted(text)}`), ...drop.map((name) => ` --drop ${quoted(name)}`)].join('')
}

function quotedWhereNeeded(text: string): string {
  return /^[\w:/@.-]+$/.test(text) ? text : quoted(text)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
