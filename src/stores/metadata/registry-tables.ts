import type { Generated } from 'kysely'

/** Tables of names, of versions that were logged, of aliases and approvals: see `MetadataTables`. */
export interface RegistryTables {
  registered_models: RegisteredModelRow
  registered_model_tags: RegisteredModelTagRow
  logged_versions: LoggedVersionRow
  logged_trees: LoggedTreeRow
  version_notes: VersionNoteRow
  version_tags: VersionTagRow
  alias_changes: AliasChangeRow
  version_archivals: VersionArchivalRow
  version_approvals: VersionApprovalRow
  version_judgements: VersionJudgementRow
  version_signatures: VersionSignatureRow
  artifact_marks: ArtifactMarkRow
}

export interface RegisteredModelRow {
  number: Generated<number>
  name: string
  description: string
  by_name: string
  by_asserted: number
  created_at: number
  updated_at: number
  deleted_at: number | null
}

interface RegisteredModelTagRow {
  /** Number of the registered model, here and below: its name may change. */
  model: number
  key: string
  value: string
}

export interface LoggedVersionRow {
  model: number
  version: number
  source: string
  run: string | null
  logged_model: string | null
  run_link: string | null
  /** JSON */
  signature: string | null
  author_name: string
  author_asserted: number
  created_at: number
  deleted_at: number | null
}

interface LoggedTreeRow {
  model: number
  version: number
  /** Folder of artifacts, or the path of the one file; null where the files are elsewhere. */
  folder: string | null
  /** Of the files as they were when the version was logged; null where `folder` is. */
  digest: string | null
  /** How many there were; what was logged with none can be written to. */
  files: number
}

interface VersionNoteRow {
  model: number
  version: number
  description: string
  updated_at: number
}

interface VersionTagRow {
  model: number
  version: number
  key: string
  value: string
}

export interface AliasChangeRow {
  model: number
  sequence: number
  alias: string
  /** Null where the alias was taken away. */
  version: number | null
  reason: string | null
  by_name: string
  by_asserted: number
  at: number
}

interface VersionArchivalRow {
  model: number
  version: number
  sequence: number
  archived: number
  reason: string | null
  by_name: string
  by_asserted: number
  at: number
}

interface VersionSignatureRow {
  /** Name of the model. */
  model: string
  version: number
  sequence: number
  /** JSON */
  bundle: string
  by_name: string
  by_asserted: number
  at: number
}

export interface VersionApprovalRow {
  /** Name of the model, as of the versions that it is about. */
  model: string
  version: number
  sequence: number
  reason: string | null
  by_name: string
  by_asserted: number
  at: number
}

export interface VersionJudgementRow {
  /** Name of the model. */
  model: string
  version: number
  sequence: number
  /** Digest of the gate as it was defined. */
  gate: string
  /** JSON: what the gate said. */
  result: string
  /** Number of the run that judged it. */
  run: number
  by_name: string
  by_asserted: number
  at: number
}

interface ArtifactMarkRow {
  kind: 'tree' | 'blob'
  /** Folder of a tree, or digest of a blob. */
  name: string
  /** What it was like when it was marked: another one is not what was found. */
  state: string
  marked_at: number
}
