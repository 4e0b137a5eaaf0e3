import { readFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { asTruelineError } from '../../core/errors.ts'
import { type OnnxSession, openOnnxSession } from './onnx-session.ts'
import { buffersOf, packed, unpacked, type WorkerReply, type WorkerRequest } from './onnx-worker-messages.ts'

// Runs graphs, one at a time, beside the thread that answers. A graph is opened with the first request for it.
const port = parentPort!
const clock = systemClock()
const sessions = new Map<string, OnnxSession>()

port.on('message', async (request: WorkerRequest) => {
  if (request.kind === 'end') {
    for (const session of sessions.values()) session.close()
    port.close()
    return
  }
  if (request.kind === 'forget') {
    sessions.get(request.file)?.close()
    sessions.delete(request.file)
    return
  }
  try {
    const session = sessions.get(request.file) ?? open(request.file)
    const inputs = unpacked(request.inputs)
    const started = clock.elapsed()
    const results = session.run(inputs, request.wanted)
    const took = clock.elapsed() - started
    const outputs = await packed(results)
    reply({ outputs, took }, buffersOf(outputs))
  } catch (thrown) {
    const { code, message } = asTruelineError(thrown)
    reply({ code, message }, [])
  }
})

function open(file: string): OnnxSession {
  const session = openOnnxSession(readFileSync(file))
  sessions.set(file, session)
  return session
}

function reply(message: WorkerReply, transfers: readonly ArrayBuffer[]): void {
  port.postMessage(message, transfers)
}
