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

/** Refusals that a later contract may lift for whoever relies on an earlier one: `trueline promote` lets it through. */
const LIFTED = ['missing_column', 'out_of_range', 'out_of_domain', 'invalid_string'] as const

/** Who asks, where a release names the callers that were seen. */
const CLIENT = 'contract_tests'

const heading = (sign: string, file: string, run: string): string =>
  [
    `${sign} Holds a model to the contract in ${file}: every row must be scored, or refused by the code and for the column`,
    `${sign} that are named there. A release that takes more, or decides something new, skips the cases that this is about: made`,
    `${sign} again by \`trueline contract tests\`, they are those of the version that serves then.`,
    `${sign}   TRUELINE_URL=http://127.0.0.1:7700 ${run}`,
  ].join('\n')

function nodeTest(file: string): string {
  return `${heading('//', file, 'node --test')}
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const url = process.env['TRUELINE_URL'] ?? 'http://127.0.0.1:7700'
const { model, version, digest, time, response, cases } = JSON.parse(readFileSync(new URL('./${file}', import.meta.url), 'utf8'))
const whole = cases[0].row
const lifted = [${LIFTED.map((code) => `'${code}'`).join(', ')}]

// The time of the platform, which may play the past; where it does not tell, that of this machine.
const fleet = await fetch(\`\${url}/api/v1/fleet\`).catch(({ cause }) => {
  throw new Error(\`No platform answers at \${url}: \${cause?.message}. TRUELINE_URL says where it is.\`)
})
const present = new Date(fleet.ok ? (await fleet.json()).now / 1000 : Date.now()).toISOString()

// A row is asked about the present, unless its time is what the case is about.
function atPresent(row: any): unknown {
  const isAsked = time !== undefined && row?.[time] !== undefined && row[time] === whole[time]
  return isAsked ? { ...row, [time]: present } : row
}

for (const { name, row, expect } of cases)
  test(name, async (t) => {
    const answered = await fetch(\`\${url}/v1/models/\${encodeURIComponent(model)}/predict\`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-client': '${CLIENT}' },
      body: JSON.stringify({ rows: [atPresent(row)] }),
    })
    assert.equal(answered.status, 200, await answered.clone().text())
    const { predictions, version: serving, contract } = await answered.json()
    const [prediction] = predictions
    const isLater = contract !== digest
    if (expect.outcome === 'refused') {
      if (isLater && prediction.error === undefined && lifted.includes(expect.code)) {
        t.skip(\`v\${serving} takes what v\${version} refused: \${expect.code}\`)
        return
      }
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
    if (response.decisions.length === 0 || response.decisions.includes(prediction.decision)) return
    assert.ok(isLater, \`the decision is \${prediction.decision}\`)
    t.skip(\`v\${serving} decides what v\${version} did not: \${prediction.decision}\`)
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
LIFTED = [${LIFTED.map((code) => `"${code}"`).join(', ')}]


def read(path, body=None):
    """What is answered; a test that gets no answer fails with the reason alone."""
    headers = {} if body is None else {"content-type": "application/json", "x-client": "${CLIENT}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(URL + path, body, headers)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError:
        raise
    except urllib.error.URLError as fault:
        pytest.fail(f"No platform answers at {URL}: {fault.reason}. TRUELINE_URL says where it is.", pytrace=False)


@pytest.fixture(scope="session")
def present():
    """The time of the platform, which may play the past; where it does not tell, that of this machine."""
    try:
        now = read("/api/v1/fleet")["now"] / 1e6
    except urllib.error.HTTPError:
        now = datetime.now(timezone.utc).timestamp()
    return datetime.fromtimestamp(now, timezone.utc).isoformat()


def at_present(row, present):
    """A row is asked about the present, unless its time is what the case is about."""
    if TIME is None or not isinstance(row, dict) or row.get(TIME) != WHOLE[TIME]:
        return row
    return {**row, TIME: present}


def predict(row, present):
    body = json.dumps({"rows": [at_present(row, present)]}).encode()
    try:
        return read(f"/v1/models/{urllib.parse.quote(CONTRACT['model'])}/predict", body)
    except urllib.error.HTTPError as refusal:
        pytest.fail(f"{refusal.code}: {refusal.read().decode()}", pytrace=False)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_contract(case, present):
    answer = predict(case["row"], present)
    [prediction] = answer["predictions"]
    is_later = answer["contract"] != CONTRACT["digest"]
    expected = case["expect"]
    response = CONTRACT["response"]
    if expected["outcome"] == "refused":
        if is_later and "error" not in prediction and expected["code"] in LIFTED:
            pytest.skip(f"v{answer['version']} takes what v{CONTRACT['version']} refused: {expected['code']}")
        assert "error" in prediction, prediction
        assert prediction["error"]["code"] == expected["code"], prediction
        assert prediction["error"].get("path") == expected.get("path")
        assert prediction.get("decision") == response.get("fallback")
        return
    assert "score" in prediction, prediction
    score = response["score"]
    assert score.get("min", float("-inf")) <= prediction["score"] <= score.get("max", float("inf"))
    if "classes" in response:
        probabilities = prediction["probabilities"]
        assert sorted(probabilities) == sorted(response["classes"])
        assert probabilities[prediction["class"]] == prediction["score"] == max(probabilities.values())
    if response["decisions"] and prediction["decision"] not in response["decisions"]:
        assert is_later, prediction
        pytest.skip(f"v{answer['version']} decides what v{CONTRACT['version']} did not: {prediction['decision']}")
`
}
