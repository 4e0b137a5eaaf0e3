/** How much of the artifacts. */
export interface CollectionCount {
  /** Folders of deleted runs and logged models. */
  readonly trees: number
  readonly blobs: number
  /** Of the blobs. */
  readonly bytes: number
  /** The first hundred of the folders. */
  readonly folders: readonly string[]
}

/** What a collection of artifacts did, or would do. */
export interface CollectionAnswer {
  /** False of a trial: then nothing was marked or taken away. */
  readonly applied: boolean
  /** What belonged to nothing for the grace time, and was taken away. */
  readonly collected: CollectionCount
  /** What belongs to nothing, and has its grace still. */
  readonly waiting: CollectionCount
}

/** An artifact that is not what it should be. */
export interface ArtifactFault {
  readonly digest: string
  readonly state: 'missing' | 'corrupt'
  /** What needs it: parts of versions and paths of files, at most a hundred. */
  readonly neededBy: readonly string[]
}

/** What a check of the files of events found that versions were trained on. */
export interface HeldDataCheck {
  readonly files: number
  readonly bytes: number
  readonly faults: readonly ArtifactFault[]
}

/** What a check of all artifacts found. */
export interface ArtifactCheck {
  readonly blobs: number
  readonly bytes: number
  readonly faults: readonly ArtifactFault[]
  /** The rows that versions were trained on. */
  readonly data: HeldDataCheck
}
