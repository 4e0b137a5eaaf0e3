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
  alerts: () => 'trueline alerts',
  runbook: (kind: string) => `trueline runbook ${kind}`,
  acknowledge: (id: string) => `trueline alerts acknowledge ${id}`,
  train: (model: string) => `trueline train ${model}`,
  approve: (model: string, version: number | string) => `trueline approve ${model} ${version}`,
  promote: (model: string, version: number | string) => `trueline promote ${model} ${version}`,
  rollback: (model: string) => `trueline rollback ${model} --reason "…"`,
  explain: (prediction: string) => `trueline explain ${prediction}`,
  predict: (model: string) => `trueline predict ${model} '{…}'`,
  lineage: (of: string) => `trueline lineage ${quotedWhereNeeded(of)}`,
  runs: (filter = '', order = '') =>
    `trueline runs list${filter === '' ? '' : ` --filter ${quoted(filter)}`}${order === '' ? '' : ` --order-by ${quoted(order)}`}`,
  runLog: (run: string) => `trueline runs logs ${run}`,
  compareRuns: (runs: readonly string[]) => `trueline runs compare ${runs.join(' ')}`,
  monitor: (model: string) => `trueline monitor ${model}`,
} as const

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
