/** How many people approve a version before it may serve, and who they are. */
export interface ApprovalsDefinition {
  /** So many of them; each person counts once, and none for a version of their own. */
  readonly needed: number
  /** Names, as people give them with --as. */
  readonly of: readonly string[]
  /** `required`: each of them says why. Absent: only where the gate did not pass the version. */
  readonly reasons?: 'required'
}

/** Aliases that only an approved version may have, unless a model says otherwise. */
export const defaultProtectedAliases: readonly string[] = ['champion', 'production']
