import { Type } from 'typebox'

// What many operations take.
export const as = Type.String({ minLength: 1, maxLength: 200, description: 'Who acts; asserted until logins exist' })
export const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 }))
export const model = Type.String({ description: 'Name of a model' })
export const offset = Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
export const pageCursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 100, description: 'What the page before gave' }),
)
export const reason = Type.String({ minLength: 1, maxLength: 2000 })
export const time = Type.Optional(Type.Number({ description: 'Microseconds since 1970' }))
export const version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
export const expected = Type.Optional(
  Type.Union([version, Type.Null()], {
    description: 'The version that was seen in its place, null for none: refused when it is another by then',
  }),
)
