import type { IncomingMessage } from 'node:http'
import type { Protection } from '../../operate/serving/protection/protection.ts'
import { isUploading } from './uploads.ts'

/** What of a body needs no room among those on their way: whoever sends so little is held up by nobody. */
const FREE = 65_536
/** Room is taken so much at a time. */
const BLOCK = 2 ** 20

/**
 * Counts what comes of a body among all that are on their way, as long as it is not whole: thousands of clients that are slow to
 * send would take gigabytes together. Where there is no room, its reader meets the error `overloaded`. To be called before
 * anything of it is read; uploads that are written as they come do not count.
 */
export function boundBody(request: IncomingMessage, protection: Protection): void {
  const { push } = request
  let came = 0
  let room = 0
  const isFull = (): boolean => {
    while (came > FREE + room) {
      if (!protection.comes(BLOCK, room)) return true
      room += BLOCK
    }
    return false
  }
  const giveBack = (): void => {
    for (; room > 0; room -= BLOCK) protection.came(BLOCK)
  }
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    came += chunk?.length ?? 0
    if (chunk === null) giveBack()
    if (chunk === null || isUploading(request.socket) || !isFull()) return push.call(request, chunk, encoding)
    request.push = push
    giveBack()
    // Nobody reads a body that was refused already.
    if (request.listenerCount('error') > 0) request.emit('error', protection.overloaded())
    return push.call(request, chunk, encoding)
  }
  request.once('close', giveBack)
}
