import type { Readable } from 'node:stream'
import { TruelineError } from '../../core/errors.ts'
import { ComingBody } from './coming-body.ts'
import { pacedReading } from './paced-reading.ts'

/**
 * Reads a body whole: one whose length is announced is gathered as it comes.
 * @param announced the header Content-Length
 * @param limit most bytes that it may have
 * @throws TruelineError `body_too_large`, `invalid_request` for one that breaks off
 */
export function wholeBody(payload: Readable, announced: string | undefined, limit: number): Promise<Buffer> {
  const length = Number(announced ?? 0)
  const tooLarge = (): TruelineError =>
    new TruelineError('body_too_large', `The body holds more than ${limit.toLocaleString('en')} bytes.`)
  return new Promise((resolve, reject) => {
    if (length > limit) {
      reject(tooLarge())
      return
    }
    const coming = length > 0 ? new ComingBody(length) : undefined
    const chunks: Buffer[] = []
    const pace = pacedReading(payload, () => !payload.destroyed)
    let came = 0
    const take = (chunk: Buffer): void => {
      const { length } = chunk
      came += length
      if (came > limit) {
        payload.off('data', take)
        reject(tooLarge())
        return
      }
      if (coming === undefined) chunks.push(chunk)
      else coming.add(chunk)
      pace(length)
    }
    payload.on('data', take)
    payload.on('end', () => resolve(coming?.whole() ?? Buffer.concat(chunks, came)))
    payload.on('error', (cause) =>
      reject(
        cause instanceof TruelineError ? cause : new TruelineError('invalid_request', 'The body broke off.', { cause }),
      ),
    )
  })
}
