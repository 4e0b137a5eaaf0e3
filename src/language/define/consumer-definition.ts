/** Somebody who asks a model for predictions, and what they rely on: told apart when a release would break it. */
export interface ConsumerDefinition {
  readonly name: string
  /** Who is to be told. */
  readonly owner?: string
  /** Rows by entity, whose features the platform joins, or vectors that the consumer brings itself. */
  readonly by: 'entity' | 'vector'
  /** Columns, or inputs of the vector, that it sends; absent: any may be. */
  readonly uses?: readonly string[]
  /** Decisions that it can deal with; absent: it takes those that there are. */
  readonly decisions?: readonly string[]
}

/** A consumer as a project file writes it. */
export interface ConsumerOptions extends Omit<ConsumerDefinition, 'by'> {
  /** 'entity' unless given. */
  readonly by?: ConsumerDefinition['by']
}
