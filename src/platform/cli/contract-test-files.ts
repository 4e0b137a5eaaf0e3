import type { ContractTestsAnswer } from '../api/model-contract-answers.ts'

/**
 * Files with which a caller holds a model to its contract in their own pipeline: the cases as JSON, and a test that sends
 * them for `node --test` and one for pytest, neither of which needs any package of ours.
 * @returns texts by file name
 */
export function contractTestFiles(tests: ContractTestsAnswer): Readonly<Record<string, string>> {
  const base = tests.model.replaceAll(/[^A-Za-z0-9_]/g, '_')
  return {
    [`${base}.contract.json`]: `${JSON.stringify(tests, undefined, 2)}\n`,
    [`${base}.contract.test.ts`]: nodeTest(`${base}.contract.json`),
    [`test_${base}_contract.py`]: pythonTest(`${base}.contract.json`),
  }
}

const heading = (sign: string, file: string, run: string): string =>
  [
    `${sign} Holds a model to the contract in ${file}: every row must be scored, or refused by the code and for the column`,
    `${sign} that are named there. Made by \`trueline contract tests\`; make it again for another version.`,
    `${sign}   TRUELINE_URL=http://127.0.0.1:7700 ${run}`,
  ].join('\n')

function nodeTest(file: string): string {
  return `${heading('//', file, 'node --test')}
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const url = process.env['TRUELINE_URL'] ?? 'http://127.0.0.1:7700'
const { model, time, response, cases } = JSON.parse(readFileSync(new URL('./${file}', import.meta.url), 'utf8'))
const whole = cases[0].row

// The time of the platform, which may play the past; where it does not tell, that of this machine.
const fleet = await fetch(\`\${url}/api/v1/fleet\`)
const present = new Date(fleet.ok ? (await fleet.json()).now / 1000 : Date.now()).toISOString()

// A row is asked about the present, unless its time is what the case is about.
function atPresent(row: any): unknown {
  const isAsked = time !== undefined && row?.[time] !== undefined && row[time] === whole[time]
  return isAsked ? { ...row, [time]: present } : row
}

for (const { name, row, expect } of cases)
  test(name, async () => {
    const answered = await fetch(\`\${url}/v1/models/\${encodeURIComponent(model)}/predict\`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows: [atPresent(row)] }),
    })
    assert.equal(answered.status, 200, await answered.clone().text())
    const { predictions } = await answered.json()
    const [prediction] = predictions
    if (expect.outcome === 'refused') {
      assert.equal(prediction.error?.code, expect.code, JSON.stringify(prediction))
      assert.equal(prediction.error.path, expect.path)
      assert.equal(prediction.decision, response.fallback)
      return
    }
    assert.equal(typeof prediction.score, 'number', JSON.stringify(prediction))
    const { min = -Infinity, max = Infinity } = response.score
    assert.ok(prediction.score >= min && prediction.score <= max, \`the score is \${prediction.score}\`)
    if (response.classes !== undefined) {
      assert.ok(response.classes.includes(prediction.class), prediction.class)
      assert.deepEqual(Object.keys(prediction.probabilities).sort(), response.classes.toSorted())
      assert.equal(prediction.probabilities[prediction.class], prediction.score)
      assert.equal(Math.max(...Object.values<number>(prediction.probabilities)), prediction.score)
    }
    if (response.decisions.length > 0) assert.ok(response.decisions.includes(prediction.decision), prediction.decision)
  })
`
}

function pythonTest(file: string): string {
  return `${heading('#', file, 'pytest')}
import json
import os
import pathlib
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

import pytest

URL = os.environ.get("TRUELINE_URL", "http://127.0.0.1:7700")
CONTRACT = json.loads((pathlib.Path(__file__).parent / "${file}").read_text())
CASES = CONTRACT["cases"]
TIME = CONTRACT.get("time")
WHOLE = CASES[0]["row"]


@pytest.fixture(scope="session")
def present():
    """The time of the platform, which may play the past; where it does not tell, that of this machine."""
    try:
        with urllib.request.urlopen(f"{URL}/api/v1/fleet") as answer:
            now = json.load(answer)["now"] / 1e6
    except urllib.error.HTTPError:
        now = datetime.now(timezone.utc).timestamp()
    return datetime.fromtimestamp(now, timezone.utc).isoformat()


def at_present(row, present):
    """A row is asked about the present, unless its time is what the case is about."""
    if TIME is None or not isinstance(row, dict) or row.get(TIME) != WHOLE[TIME]:
        return row
    return {**row, TIME: present}


def predict(row, present):
    request = urllib.request.Request(
        f"{URL}/v1/models/{urllib.parse.quote(CONTRACT['model'])}/predict",
        data=json.dumps({"rows": [at_present(row, present)]}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["predictions"][0]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_contract(case, present):
    prediction = predict(case["row"], present)
    expected = case["expect"]
    response = CONTRACT["response"]
    if expected["outcome"] == "refused":
        assert prediction["error"]["code"] == expected["code"]
        assert prediction["error"].get("path") == expected.get("path")
        assert prediction.get("decision") == response.get("fallback")
        return
    score = response["score"]
    assert score.get("min", float("-inf")) <= prediction["score"] <= score.get("max", float("inf"))
    if "classes" in response:
        probabilities = prediction["probabilities"]
        assert sorted(probabilities) == sorted(response["classes"])
        assert probabilities[prediction["class"]] == prediction["score"] == max(probabilities.values())
    if response["decisions"]:
        assert prediction["decision"] in response["decisions"]
`
}
