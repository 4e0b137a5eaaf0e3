import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** Tells which packages a program loads, and how many modules of ours. */
const watcher = `
  import { registerHooks } from 'node:module'
  const packages = new Set()
  let own = 0
  registerHooks({
    load(url, context, next) {
      const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? []
      if (name !== undefined) packages.add(name)
      else if (url.startsWith('file:')) own += 1
      return next(url, context)
    },
  })
  process.on('exit', () => process.stderr.write(JSON.stringify({ packages: [...packages], own })))`

test('a command loads what it needs: to say what it takes, nothing but the parser of its arguments', async () => {
  const main = join(import.meta.dirname, 'main.ts')
  const preload = `data:text/javascript,${encodeURIComponent(watcher)}`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', preload, main, '--help'])
  expect(stdout).toContain('Usage: trueline')
  const { packages, own } = JSON.parse(stderr)
  expect(packages).toEqual(['commander'])
  expect(own).toBeLessThan(150)
})
