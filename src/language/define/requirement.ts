import type { DataTypeName, Schema } from '../../core/data-type.ts'

/** A row of a schema as the compiler sees it: the type of each column by name. */
export type RowOf<Columns extends Schema> = { readonly [Name in keyof Columns]: Columns[Name]['type'] }

export type Numeric = 'int' | 'number' | 'decimal'
export type Ordered = Numeric | 'timestamp'

/** The columns of a schema that have one of these types. */
export type ColumnsOf<Columns extends Schema, Type extends DataTypeName> = {
  [Name in keyof Columns & string]: Columns[Name]['type'] extends Type ? Name : never
}[keyof Columns & string]

declare const required: unique symbol

/**
 * Marks a definition that reads rows with at least these columns. The mark exists for the compiler alone: as a function
 * of the row it is contravariant, so a definition fits every row that has what it requires, and no other.
 */
export interface Requires<in Needed> {
  readonly [required]?: ((row: Needed) => void) | undefined
}

declare const offered: unique symbol

/** Marks a definition that gives values by these names, for the compiler alone. */
export interface Offers<out Name extends string> {
  readonly [offered]?: Name | undefined
}
