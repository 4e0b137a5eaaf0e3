// The reference of the start benchmark: start-reference-child.ts FILE PORT. A fastify that loads a model with onnxruntime before it listens, and
// is ready when it answers.
import process from 'node:process'
import Fastify from 'fastify'
import { InferenceSession } from 'onnxruntime-node'

const [file, port] = process.argv.slice(2) as [string, string]
const session = await InferenceSession.create(file)
const app = Fastify()
app.get('/v2/health/ready', async () => ({ ready: session.inputNames.length > 0 }))
await app.listen({ port: Number(port), host: '127.0.0.1' })
