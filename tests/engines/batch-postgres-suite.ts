import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { TruelineError } from '../../src/core/errors.ts'
import { batch, csv, env, postgres } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { csvOf, importShop, makeHistory, NOW, openShop, sentBack, trainAndServe } from '../e2e/shop-fixture.ts'
import { startPostgres } from './postgres-server.ts'
import type { EngineSuite } from './suite.ts'

const url = env('TRUELINE_TEST_POSTGRES')
const ofFile = { model: sentBack, population: csv('population.csv'), keep: ['product', 'amount'] } as const
const collected = collectProject([
  sentBack,
  batch('replaced', { ...ofFile, to: postgres({ url, table: 'bi.scores' }) }),
  batch('appended', { ...ofFile, to: postgres({ url, table: 'bi.all_scores' }), write: 'append' }),
  batch('of_table', { ...ofFile, population: postgres({ url, table: 'bi.orders' }), to: csv('of_table.csv') }),
])
const { orders } = collected.streams
const amount = { type: 'decimal', scale: 2, nullable: false } as const
const project = {
  ...collected,
  streams: { ...collected.streams, orders: { ...orders!, schema: { ...orders!.schema, amount } } },
}
/** No double says it. */
const LARGE = '90071992547409.91'

/** Populations read from, and scores written to, tables of a real PostgreSQL server. */
export const batchPostgresSuite: EngineSuite = {
  name: 'batch on postgres',
  async run(check) {
    const server = await startPostgres()
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-batch-postgres-'))
    process.env['TRUELINE_TEST_POSTGRES'] = server.url
    const history = makeHistory()
    const { platform } = await openShop({ folder: folder.path, project, base: folder.path })
    const shop = await server.connect()
    const ann = { name: 'ann' }
    const population = history.orders.slice(-60).map((order, index) => ({
      ...order,
      ...{ order: `N${index}`, amount: index === 0 ? LARGE : order.amount, ordered_at: NOW },
    }))
    try {
      await importShop(platform, folder.path, history)
      await trainAndServe(platform, 'sent_back')
      await writeFile(join(folder.path, 'population.csv'), csvOf(population))
      await shop.query('CREATE SCHEMA bi')
      const { predictions } = await platform.predict('sent_back', population)
      const served = predictions.map((prediction) => ('score' in prediction ? prediction.score : Number.NaN))

      await check('a run takes the place of the one before, and each row has the bits of a prediction', async () => {
        await platform.runBatch('replaced', ann)
        const run = await platform.runBatch('replaced', ann)
        const { rows } = await shop.query('SELECT * FROM bi.scores')
        assert.equal(rows.length, population.length)
        for (const row of rows) {
          const place = Number(row.prediction_id.split('-')[1])
          assert.deepEqual([row.order, row.product], [population[place]!.order, population[place]!.product])
          assert.equal(row.score, served[place])
          assert.equal(row.amount, place === 0 ? LARGE : `${population[place]!.amount}.00`)
          assert.deepEqual([row.run_id, row.t.getTime()], [run.id, NOW / 1000])
        }
      })

      await check('runs come beside each other where they are appended', async () => {
        const runs = [await platform.runBatch('appended', ann), await platform.runBatch('appended', ann)]
        const { rows } = await shop.query('SELECT run_id, count(*)::int AS n FROM bi.all_scores GROUP BY 1 ORDER BY 1')
        assert.deepEqual(
          rows,
          runs
            .map(({ id }) => ({ run_id: id, n: population.length }))
            .toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1)),
        )
      })

      await check('a table that is not ours is left as it is', async () => {
        await shop.query(
          'DROP TABLE bi.scores; CREATE TABLE bi.scores (customer text); INSERT INTO bi.scores VALUES (1)',
        )
        await assert.rejects(platform.runBatch('replaced', ann), { code: 'destination_mismatch' })
        const { rows } = await shop.query('SELECT * FROM bi.scores')
        assert.deepEqual(rows, [{ customer: '1' }])
      })

      await check('nor is a table written to whose columns would round a score', async () => {
        await shop.query('DROP TABLE bi.scores')
        await platform.runBatch('replaced', ann)
        await shop.query('ALTER TABLE bi.scores ALTER score TYPE integer')
        await assert.rejects(platform.runBatch('replaced', ann), {
          code: 'destination_mismatch',
          message:
            "Column 'score' of table 'bi.scores' is integer, which would not keep the values of this batch as they are.",
          remedy: 'Make it double precision, name another table, or drop this one.',
        })
        await shop.query('ALTER TABLE bi.scores ALTER score TYPE double precision, ALTER decision TYPE varchar(40)')
        await platform.runBatch('replaced', ann)
      })

      await check('no run is published of which a trigger takes rows away', async () => {
        const before = await shop.query('SELECT run_id FROM bi.scores')
        await shop.query(`CREATE FUNCTION bi.few() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN IF NEW.score > 0.2 THEN RETURN NULL; END IF; RETURN NEW; END $$;
          CREATE TRIGGER few BEFORE INSERT ON bi.scores FOR EACH ROW EXECUTE FUNCTION bi.few();
          CREATE TRIGGER few BEFORE INSERT ON bi.all_scores FOR EACH ROW EXECUTE FUNCTION bi.few()`)
        for (const name of ['replaced', 'appended'])
          await assert.rejects(platform.runBatch(name, ann), {
            code: 'destination_mismatch',
            message: /^Table 'bi\.(all_)?scores' keeps \d+ of 60 rows\.$/,
          })
        assert.deepEqual((await shop.query('SELECT run_id FROM bi.scores')).rows, before.rows)
        await shop.query('DROP FUNCTION bi.few() CASCADE')
        await platform.runBatch('replaced', ann)
      })

      await check('a database that does not let us in is told by its place, without a password', async () => {
        const address = new URL(server.url)
        address.username = 'nobody'
        address.password = 'hunter2'
        process.env['TRUELINE_TEST_POSTGRES'] = address.href
        for (const name of ['replaced', 'of_table']) {
          const refusal = await platform.runBatch(name, ann).then(String, (thrown: TruelineError) => thrown)
          assert.ok(refusal instanceof TruelineError)
          assert.equal(refusal.code, name === 'replaced' ? 'destination_unavailable' : 'source_refused')
          assert.match(
            refusal.remedy,
            /^Mend the user or the password in the environment variable TRUELINE_TEST_POSTGRES\. Then /,
          )
          assert.doesNotMatch(JSON.stringify(refusal), /hunter2|sources run/)
          if (name === 'replaced') assert.ok(refusal.message.includes(`${address.host}/postgres`), refusal.message)
        }
        process.env['TRUELINE_TEST_POSTGRES'] = server.url
      })

      await check('a population in a table is scored, one row for each, duplicates too', async () => {
        await shop.query(
          `CREATE TABLE bi.orders ("order" text, customer text, product text, amount numeric(18,2), card text, ordered_at timestamptz)`,
        )
        for (const { order, customer, product, amount, card, ordered_at } of [...population, population[0]!])
          await shop.query('INSERT INTO bi.orders VALUES ($1, $2, $3, $4, $5, to_timestamp($6))', [
            ...[order, customer, product, amount, card, ordered_at / 1e6],
          ])
        const run = await platform.runBatch('of_table', ann)
        assert.deepEqual([run.report!.received, run.report!.scored], [61, 61])
        assert.deepEqual(run.report!.decisions, (await platform.runBatch('of_table', ann)).report!.decisions)
      })

      await check('a server that is gone leaves what was there, and the run goes on when it is back', async () => {
        await shop.query('DROP TABLE bi.scores')
        await server.kill()
        await assert.rejects(platform.runBatch('replaced', ann), { code: 'destination_unavailable' })
        const [failed] = await platform.batchRuns({ batch: 'replaced' })
        await server.start()
        const run = await platform.runBatch('replaced', ann)
        assert.deepEqual([run.id, run.status], [failed!.id, 'succeeded'])
        const again = await server.connect()
        const { rows } = await again.query(
          'SELECT count(*)::int AS n, count(DISTINCT run_id)::int AS runs FROM bi.scores',
        )
        await again.end()
        assert.deepEqual(rows, [{ n: population.length, runs: 1 }])
      })
    } finally {
      await platform.close()
      await shop.end().catch(() => undefined)
      await server.close()
    }
  },
}
