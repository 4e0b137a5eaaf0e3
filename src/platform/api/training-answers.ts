/** What a training run gave: the version that it registered and the verdict of the gate. */
export interface TrainAnswer {
  readonly run: string
  readonly model: string
  readonly version: number
  readonly digest: string
  /** False when the very same model was registered before: it keeps its version. */
  readonly isNew: boolean
  readonly variant: 'full' | 'without_windows'
  /** The version of the baseline, when it had to be trained first. */
  readonly baseline?: number
  readonly dataset: {
    readonly rows: number
    /** What was learnt from, what it was stopped and calibrated by, and what it was judged on. */
    readonly parts: { readonly train: number; readonly validate: number; readonly test: number }
    readonly seconds: number
    readonly digest: string
  }
  readonly trainSeconds: number
  /** Steps whose output was taken, with the run that made it; absent where each was done. */
  readonly cached?: Readonly<Record<string, string>>
  /** Of a model that came from elsewhere: its format, what wrote it, what for, and what its inputs were taken for, in their order. */
  readonly imported?: {
    readonly format: string
    readonly writtenBy: string
    readonly objective: string
    /** Absent where a program of the project gave it; `written` is absent where the file only numbers its inputs. */
    readonly matched?: readonly { readonly written?: string; readonly input: string }[]
  }
  readonly metrics: Readonly<Record<string, number>>
  readonly gate: {
    readonly verdict: 'pass' | 'fail' | 'insufficient'
    readonly sentence: string
    /**
     * Of a version that was judged before by a gate that is defined otherwise now: what that said. The verdict beside it is
     * that of the gate as it is, on record, and counts.
     */
    readonly before?: { readonly verdict: 'pass' | 'fail' | 'insufficient'; readonly sentence: string }
  }
  /** Of a version that can never be approved: approvals that it lacks, and the too few who may give one. */
  readonly deadlock?: { readonly missing: number; readonly open: readonly string[] }
}

export interface TrainOptions {
  readonly variant?: 'full' | 'without_windows' | undefined
  /** Trains on what was known then, microseconds; now unless given. */
  readonly at?: number | undefined
  /** Whether outputs of steps that other runs kept are taken; true unless given. */
  readonly cache?: boolean | undefined
  /** A version that is judged again by the gate as it is now, on the rows that it was judged on. */
  readonly judges?: number | undefined
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
}

/** A model that another library trained: its file, or the version or the run that it was logged as. */
export interface ImportOptions {
  /** The file, base64. */
  readonly content?: string | undefined
  /** What the file is called. */
  readonly name?: string | undefined
  /** A version that was logged: it is given a contract, under its number. */
  readonly version?: number | undefined
  /** `RUN` or `RUN/PATH`: id of a run, and the path or name that it logged the model under, where there are several. */
  readonly run?: string | undefined
  /** Whether its inputs are matched by their order, and not by their names. */
  readonly byOrder?: boolean | undefined
  /** What is said of it elsewhere, kept with the version. */
  readonly metrics?: Readonly<Record<string, number>> | undefined
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
}

export interface ReleaseOptions {
  /** Lets a version serve that breaks the contract with callers; needs a reason. */
  readonly breaking?: boolean | undefined
  /** The version that was seen serving, null for none: refused when another serves by then. */
  readonly expected?: number | null | undefined
}

export interface ReleaseAnswer {
  readonly model: string
  readonly version: number
  readonly previous?: number
  readonly digest: string
  /** Real seconds from the call until the version served. */
  readonly seconds: number
}
