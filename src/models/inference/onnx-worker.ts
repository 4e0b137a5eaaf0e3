import { readFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import { asTruelineError } from '../../core/errors.ts'
import { calibrate, type GraphEngine, graphEngines, openGraph } from './graph-engines.ts'
import type { OnnxSession } from './onnx-session.ts'
import { buffersOf, packed, unpacked, type WorkerReply, type WorkerRequest } from './onnx-worker-messages.ts'

// Runs graphs, one at a time, beside the thread that answers. A graph is opened with the first request for it.
const port = parentPort!
const clock = systemClock()
const sessions = new Map<string, OnnxSession>()
/** A graph may be asked for while one engine runs it, and after another one does. */
const keyOf = (file: string, engine: GraphEngine): string => `${engine} ${file}`

port.on('message', async (request: WorkerRequest) => {
  if (request.kind === 'end') {
    for (const session of sessions.values()) session.close()
    port.close()
    return
  }
  if (request.kind === 'forget') {
    for (const engine of graphEngines) {
      const key = keyOf(request.file, engine)
      sessions.get(key)?.close()
      sessions.delete(key)
    }
    return
  }
  try {
    if (request.kind === 'calibrate') {
      const calibration = calibrate(readFileSync(request.file), clock)
      reply({ kind: 'calibration', calibration }, calibration === undefined ? [] : [calibration.forest.buffer])
      return
    }
    const { file, engine } = request
    const session = sessions.get(keyOf(file, engine)) ?? open(file, engine)
    const inputs = unpacked(request.inputs)
    const started = clock.elapsed()
    const results = session.run(inputs, request.wanted)
    const took = clock.elapsed() - started
    const outputs = await packed(results)
    reply({ kind: 'outputs', outputs, took }, buffersOf(outputs))
  } catch (thrown) {
    const { code, message } = asTruelineError(thrown)
    reply({ kind: 'failed', code, message }, [])
  }
})

function open(file: string, engine: GraphEngine): OnnxSession {
  const session = openGraph(readFileSync(file), engine)
  sessions.set(keyOf(file, engine), session)
  return session
}

function reply(message: WorkerReply, transfers: readonly ArrayBuffer[]): void {
  port.postMessage(message, transfers)
}
