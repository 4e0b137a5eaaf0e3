/** The parts of /openapi.json that the page reads. */
export interface OpenApi {
  readonly info: { readonly version: string }
  readonly tags?: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary?: string
  readonly tags: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: Schema
}

interface Content {
  readonly 'application/json': { readonly schema: Schema }
}

/** JSON Schema, as far as it says what a value is. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly format?: string
  readonly pattern?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}

/** An operation with the address and method by which it is asked. */
export interface Operation extends OpenApiOperation {
  readonly method: string
  readonly path: string
}

/** All operations under their tag, in the order of the document. */
export function operationsByTag(
  document: OpenApi,
): readonly { readonly tag: string; readonly says: string; readonly operations: readonly Operation[] }[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  )
  return (document.tags ?? []).map(({ name, description }) => ({
    tag: name,
    says: description,
    operations: all.filter(({ tags }) => tags.includes(name)),
  }))
}
