/** Where the health of models is. */
export const HEALTH_PAGES = '#/models/'
const HEALTH = `${HEALTH_PAGES}late_flight`

/** The states that the console must show well, each with the words that must be there. */
export const states: readonly (readonly [name: string, place: string, words: readonly (string | RegExp)[]])[] = [
  [
    'months',
    '',
    [
      '1 of 3 models needs a look',
      'since the start',
      'not enough data',
      'Dead letters',
      'Predictions recomputed',
      '1 candidate waits',
    ],
  ],
  [
    'months',
    HEALTH,
    [
      'expected',
      'Releases',
      'Labels in',
      '99.9% are answered',
      'trueline slo late_flight',
      'trueline rollback late_flight --reason "…"',
      'trueline approve late_flight 8',
      '1–10 of 34 features',
    ],
  ],
  [
    'months',
    '#/streams/departures',
    [
      'failed in 1 of 4 checks: until 14 Jun 2001 09:00, 1,204 rows',
      'sensitive: not shown',
      '1–20 of 34',
      'trueline quality show verdict-100',
      'out of range',
    ],
  ],
  ['months', '#/streams/arrivals', ['no checks beyond its schema', 'trueline quality suggest arrivals']],
  ['empty', '', ['No model is defined yet', 'trueline demo', 'trueline ingest', 'trueline features audit']],
  [
    'no-data',
    HEALTH,
    ['No version has served yet', 'trueline predict late_flight', 'No label has come', 'trueline train late_flight'],
  ],
  ['young', HEALTH, ['not enough data', 'immature', '0 of 10 drifted']],
  ['rehearsal', '', ['Rehearsal, playing', 'flights scored']],
  ['rehearsal', HEALTH, ['Rehearsal, playing', 'v3']],
  ['long-names', '', ['itineraries_with_two_or_more_legs']],
  [
    'long-names',
    '#/models/probability_of_a_missed_connection_at_the_destination_of_the_first_leg_for_itineraries_with_two_or_more_legs',
    ['as_known_at_prediction_time_v2'],
  ],
  [
    'months',
    '#/deadletters',
    ['rows wait', '= 2,840,833 accepted', 'wrong_type', '1–20 of', 'trueline deadletters', 'Only these'],
  ],
  ['months', '#/deadletters?stream=arrivals&code=out_of_range', ['out_of_range', 'Show all', '--code out_of_range']],
  [
    'months',
    '#/deadletters?stream=departures&code=late',
    ['No such row.', 'No open row of departures has the reason late.', 'Show all'],
  ],
  [
    'months',
    '#/deadletters/39',
    [
      ...['"delay_min": "14 "', 'Nothing was done yet', 'Fix all like it'],
      "trueline deadletters fix 39 --set 'delay_min = number(delay_min)'",
    ],
  ],
  ['months', '#/deadletters/40', ['discarded', 'A test of the airline.', 'nothing more is to be done']],
  ['empty', '#/deadletters', ['No row waits', 'never reaches a feature', 'trueline deadletters']],
  [
    'months',
    '#/features',
    [
      ...['25 features in force', 'mean of delay_min over the last 1h', '1–20 of 26', '20 min old', '10 min promised'],
      ...['12 differ', 'trueline features', 'Read by', 'the same'],
    ],
  ],
  [
    'months',
    '#/features?search=hour',
    ['timing.hour', 'not audited', 'not trained on', "trueline features --search 'hour'"],
  ],
  [
    'months',
    '#/features/departures_by_origin.mean_delay_3h',
    [
      ...["mean(delay_min).over('3h')", 'nobody is named', '48,412 bytes each', 'late_flight v7 (serves)'],
      ...[
        'Different by a bit or more',
        'Values in training',
        'above 64',
        'trueline features show departures_by_origin.mean_delay_3h',
      ],
    ],
  ],
  [
    'months',
    '#/features/departures_by_origin.flights_1h@333333333333',
    ['an older definition, kept for who reads it', 'No version was trained on it', 'trueline features audit'],
  ],
  [
    'months',
    '#/retraining',
    [
      ...['2 of 3 models are retrained on their own', 'late_flight v8 waits for a decision', '3 of 4 spent in 7 d'],
      ...['held since', 'surely worse than the version before', 'taken back', 'budget was spent', 'page 1'],
      ...['Policies compared over history', 'trueline simulations', 'drifted since 28 Jun 2001 03:00 (alert-002)'],
      'trueline approve late_flight 8',
    ],
  ],
  [
    'months',
    '#/registry',
    ['late_flight', 'none: it is not of the project', 'team=growth', 'page 1', 'trueline models list'],
  ],
  [
    'months',
    '#/registry/late_flight?served=2001-04-10T00:00:00Z',
    [
      ...['late_flight: v7 serves', 'at 10 Apr 2001 00:00 UTC', 'Better than the champion', 'rolled back', 'logged'],
      'trueline models served late_flight --at 2001-04-10T00:00:00Z',
    ],
  ],
  [
    'months',
    '#/registry/late_flight/8',
    [
      ...[
        '2 of 2 approvals are missing',
        '2 more by anna, ben',
        '+.001 to +.013',
        'origin = JFK, 212 rows',
        'edge cases',
      ],
      ...['.758 to .776', '1–20 of 46', 'one of AA, DL, UA', 'version.register', 'trueline reject late_flight 8'],
    ],
  ],
  [
    'months',
    '#/registry/late_flight/1',
    [
      ...[
        'Actual class',
        'Recall',
        'Precision',
        'AUC',
        'Predicted on_time',
        'Predicted cancelled_for_weather_elsewhere',
      ],
      ...[/delayed\s+300\s+61%\s+82%\s+\.881\s+\.031\s+112\s+183\s+5/, 'classwise calibration error .021', 'none'],
    ],
  ],
  [
    'months',
    '#/operations',
    [
      ...['is late', '18,211', '99.9% are answered', 'paused by ada', 'held back', 'goes on'],
      ...['trueline stream resume missed_connection', 'trueline loadtest --runs'],
    ],
  ],
  [
    'months',
    '#/batches/b22',
    ['were held back', 'The mean score is 0.214', 'out_of_range', '14 others have drifted less'],
  ],
  ['months', '#/batches/b21', ['failed: nothing of it was published', 'batch_failed', 'Free space there']],
  [
    'months',
    '#/load-tests/22',
    [
      'broke what it promises',
      'at least 53 ms',
      '2 for 1,000 requests a second',
      '--steps 400,800,1600 --for 30s --rows FILE.jsonl',
    ],
  ],
  [
    'months',
    '#/simulations/3',
    [
      ...['Of 4 policies for late_flight, on-drift had the best AUC', 'never on its own', '12,311 outcomes'],
      ...[
        '1 taken back',
        'on drift for 1 h, rests 1 d',
        'trueline simulations show 3',
        'vertical: another version serves',
        'schedule 0 4 1 * *',
      ],
    ],
  ],
  [
    'months',
    '#/decisions',
    [
      '14 rules by hand are in force',
      'carrier = XX',
      'pm4g-4000',
      'a wheelchair',
      "score above 0.5: 'rebook'",
      'page 1',
    ],
  ],
  [
    'months',
    '#/readiness',
    ['1 of 3 models is ready for production', 'not met by late_flight', '12 of 12', 'alerting', 'trueline readiness'],
  ],
  [
    'months',
    '#/readiness/late_flight',
    [
      ...['late_flight v7 is not ready for production', 'Not met: model validation gate', 'Expired: latency tested'],
      ...['1 of 2 have approved it', 'attested\nby grace', 'nothing on record', 'says ada', 'nothing more is needed'],
      ...[
        'trueline approve late_flight 7 --as NAME',
        'trueline rollback late_flight',
        'trueline readiness late_flight',
      ],
    ],
  ],
  ['months', '#/readiness/turnaround_minutes', ['is ready for production: all 12 requirements are met', 'says sre']],
  ['empty', '#/readiness', ['No model is defined yet', 'trueline demo']],
  ['no-data', '#/readiness/late_flight', ['No version of late_flight serves yet', 'trueline train late_flight']],
  ['empty', '#/registry', ['Here would be each model that has a version']],
  ['empty', '#/operations', ['No batch, no scored stream', 'serve.slo', 'trueline loadtest MODEL']],
  ['empty', '#/decisions', ['No rule by hand is in force', 'trueline decisions set MODEL']],
  [
    'empty',
    '#/retraining',
    ['No model is defined yet', 'Here would be each trigger that came', 'Here would be what other policies'],
  ],
  ['empty', '#/features', ['No feature is defined yet', 'features()', 'trueline features']],
  [
    'months',
    '#/api?operation=predict_late_flight',
    [
      ...[
        'one model serves, and can be asked',
        '/v1/models/late_flight/predict',
        'rows[].distance_mi',
        'integer from 0 to 6000',
      ],
      ...['one of AA, DL, UA', 'Not read by the model', "curl -X POST 'http://127.0.0.1:", 'predictions[].decision'],
      ...['one of keep, rebook', '/api/v1/models/{model}/contract/diff', 'Lets an approved version serve'],
    ],
  ],
  ['empty', '#/api', ['no model serves yet', 'trueline promote MODEL VERSION', '/v1/models/{model}/predict']],
  ['many-alerts', '', ['14 open', '1–10 of 14']],
  ['many-alerts', HEALTH, ['14 open, 26 resolved', '1–10 of 40', 'more below']],
]
