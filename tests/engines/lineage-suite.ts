import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { manifestArtifacts } from '../../src/models/registry/manifest.ts'
import { signStatement } from '../../src/models/registry/signing/signature-bundle.ts'
import { MANIFEST_FILE, manifestText, statementOf } from '../../src/models/registry/signing/statement.ts'
import { modelBill } from '../../src/platform/app/packaging/bill-of-materials.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { importShop, makeHistory, openShop, temporaryFolder, trainAndServe } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

const run = promisify(execFile)
const MODEL = 'sent_back'
const client = join(import.meta.dirname, 'lineage_client.py')
const validator = `
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
sys.exit(0 if error is None else str(error))
`

/** Lineage, signatures and bills of materials, by the programs of those who made their standards. */
export const lineageSuite: EngineSuite = {
  name: 'lineage',
  async run(check) {
    const packages = ['openlineage-python', 'model-signing', 'pyopenssl', 'cyclonedx-python-lib[json-validation]']
    const bin = pythonWith('lineage', packages)
    await using folder = await temporaryFolder()
    const { platform } = await openShop({ folder: folder.path })
    const server = await servePlatform(platform, { port: 0 })
    try {
      await importShop(platform, folder.path, makeHistory())
      await trainAndServe(platform, MODEL, 'without_windows')
      const bundle = await platform.bundle(MODEL, 1)
      const files = join(folder.path, 'model')
      await mkdir(files)
      for (const [name, digest] of Object.entries(manifestArtifacts(bundle.manifest)))
        await writeFile(join(files, name), Buffer.from(bundle.contents[digest]!, 'base64'))
      await writeFile(join(files, MANIFEST_FILE), manifestText(bundle.manifest))
      const verify = (signature: string, key: string) =>
        run(join(bin, 'model_signing'), ['verify', 'key', '--signature', signature, '--public_key', key, files])

      await check("what OpenLineage's client for Python tells stands before the stream that it wrote", async () => {
        await run(join(bin, 'python'), [client, server.url])
        const { nodes, edges } = await platform.lineage({ of: 'orders', direction: 'up' })
        assert.deepEqual(
          nodes.map(({ id }) => id),
          [
            'stream:orders',
            'external_job:airflow load_orders',
            'external_dataset:postgres://db:5432 shop.public.orders',
          ],
        )
        assert.equal(edges.length, 2)
      })
      await check("OpenSSF's program verifies our signatures, and finds a file that was changed", async () => {
        for (const namedCurve of ['P-256', 'P-384']) {
          const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
          const [signature, key] = [join(folder.path, `${namedCurve}.sig`), join(folder.path, `${namedCurve}.pem`)]
          await writeFile(signature, JSON.stringify(signStatement(statementOf(MODEL, bundle.manifest), privateKey)))
          await writeFile(key, publicKey.export({ type: 'spki', format: 'pem' }))
          await verify(signature, key)
          const scorer = join(files, 'scorer')
          const content = await readFile(scorer)
          await appendFile(scorer, 'x')
          await assert.rejects(verify(signature, key), /Hash mismatch for 'scorer'/)
          await writeFile(scorer, content)
        }
      })
      await check('and we take its signatures, also where it wrote the statement in its own way', async () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
        const [key, signature] = [join(folder.path, 'private.pem'), join(folder.path, 'theirs.sig')]
        await writeFile(key, privateKey.export({ type: 'sec1', format: 'pem' }))
        await run(join(bin, 'model_signing'), ['sign', 'key', '--signature', signature, '--private_key', key, files])
        const publicKey = createPublicKey(createPrivateKey(await readFile(key, 'utf8')))
        const signedBy = [publicKey.export({ type: 'spki', format: 'pem' }).toString()]
        const given = JSON.parse(await readFile(signature, 'utf8'))
        await assert.rejects(platform.signing.sign(MODEL, 1, given, { name: 'ada' }), { code: 'signature_invalid' })
        const project = { ...platform.project, models: { [MODEL]: { ...platform.project.models[MODEL]!, signedBy } } }
        Object.assign(platform.parts, { project })
        await platform.signing.sign(MODEL, 1, given, { name: 'ada' })
      })
      await check('the bill of materials of a model is one by the schema of CycloneDX', async () => {
        const file = join(folder.path, 'bom.json')
        await writeFile(file, modelBill(bundle))
        await run(join(bin, 'python'), ['-c', validator, file])
      })
    } finally {
      await server.close()
      await platform.close()
    }
  },
}
