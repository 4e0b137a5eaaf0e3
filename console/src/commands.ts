/** Every command line that the console shows, in one place, so that it can be held against the CLI. */
export const commands = {
  demo: () => 'trueline demo',
  up: () => 'trueline up',
  apply: () => 'trueline up --apply',
  ingest: (stream = 'STREAM', file = 'FILE') => `trueline ingest ${stream} ${file}`,
  deadLetters: () => 'trueline deadletters',
  audit: () => 'trueline features audit',
  alerts: () => 'trueline alerts',
  runbook: (kind: string) => `trueline runbook ${kind}`,
  acknowledge: (id: string) => `trueline alerts acknowledge ${id}`,
  train: (model: string) => `trueline train ${model}`,
  approve: (model: string, version: number | string) => `trueline approve ${model} ${version}`,
  promote: (model: string, version: number | string) => `trueline promote ${model} ${version}`,
  rollback: (model: string) => `trueline rollback ${model} --reason "…"`,
  predict: (model: string) => `trueline predict ${model} '{…}'`,
  monitor: (model: string) => `trueline monitor ${model}`,
} as const
