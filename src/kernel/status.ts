/** Status of a feature value: see docs/semantics.md, "Windows". */
export const UNKNOWN_KEY = 0
export const EMPTY = 1
export const NULL = 2
export const VALUE = 3

/** Names of the statuses, at their codes. */
export const statusNames = ['unknown_key', 'empty', 'null', 'value'] as const
