/** The states of what is on record: sources, alerts of the past, the audit log and logged predictions. */
export const recordStates: readonly (readonly [name: string, place: string, words: readonly (string | RegExp)[]])[] = [
  [
    'months',
    '#/sources',
    [
      ...['failing', 'The server of arrivals_feed answers with 503.', 'left alone for a while', 'not read yet'],
      ...['*/5 * * * *', '2001-06-30T09:19:58Z', '4 min ago', '1 h promised', '19,240', '12,000 to 30,000 in 1 d'],
      ...['too few rows', '1,187 accepted, 5 rejected', 'columns changed', 'when asked', 'trueline sources'],
    ],
  ],
  [
    'months',
    '#/sources/arrivals_feed',
    [
      ...[
        'open: it is left alone until the pause is over',
        'Wait for the next attempt',
        'for 7 h; 2 h is promised',
        'not kept',
      ],
      ...['at least 12,000 in 1 d; 5,312 in the last whole stretch', 'rows are kept as dead letters until'],
      ...['timestamp with time zone', 'page 1', 'trueline sources runs arrivals_feed', 'Nothing was done by hand yet'],
      'trueline sources reset arrivals_feed --reason "…"',
    ],
  ],
  [
    'months',
    '#/sources/flights',
    [
      ...['flights is read as it should be: its newest row came 4 min ago', 'kept', 'read in part', 'source.backfill'],
      ...['from 21 May 2001 09:24, to 20 Jun 2001 09:24', 'backfill flights --from 2001-06-23 --to 2001-06-30'],
    ],
  ],
  ['months', '#/sources/weather', ['weather was not read yet', 'Here would be each time that it was read']],
  ['empty', '#/sources', ['No source is defined', 'Here would be each place', 'trueline ingest STREAM FILE']],
  [
    'months',
    '#/alerts',
    [
      ...['3 alerts are open; 3 were resolved before', '6 in all', 'ada', 'nobody', 'for 10 d', 'trueline runbook'],
      'trueline alerts acknowledge alert-006',
    ],
  ],
  [
    'months',
    '#/alerts?state=resolved&about=late_flight',
    ['3 resolved', 'Show all', 'trueline alerts --resolved --about late_flight'],
  ],
  [
    'months',
    '#/alerts/alert-003',
    [
      ...['origin_delays.late_share_3h has drifted', 'data drift of origin_delays.late_share_3h', '18,113 rows'],
      ...['Inputs of the model are distributed differently', 'What changed before', 'the predictions of that time'],
      ...[/Began\s*17 Apr 2001/, 'v7', /11%\s+\.290\s+\.034/, 'not known', 'Held against'],
      ...[/Looked after by\s*grace/, 'the strips of that time', 'trueline runbook data_drift', 'alert.acknowledge'],
      'before: acknowledgedBy none',
    ],
  ],
  [
    'months',
    '#/alerts/alert-001',
    ['Its numbers are those of the objectives below.', '18.2 times what is allowed, over 60 minutes', '31%'],
  ],
  ['months', '#/alerts/alert-002', ['it is open', 'trueline alerts acknowledge alert-002', 'Nobody has said yet']],
  ['empty', '#/alerts', ['No alert has been opened yet', 'Here would be each alert', 'trueline slo']],
  [
    'months',
    '#/audit',
    [
      ...['812 acts are in the audit log', 'grace did version.approve to late_flight/7', 'page 1', 'late on Mondays'],
      ...['version 5', 'before: version 6', 'nothing was said', 'trueline audit verify'],
    ],
  ],
  [
    'months',
    '#/audit?search=rollback&by=ada&from=2001-02-01T00:00:00Z',
    ['Show all', 'trueline audit --search rollback --by ada --from 2001-02-01T00:00:00Z', 'late_flight'],
  ],
  ['months', '#/audit?search=nothing-such', ['No such act.']],
  ['months', '#/audit?from=yesterday', ["'yesterday' is no time, and narrows nothing", /\ntrueline audit\n/]],
  ['empty', '#/audit', ['Nothing was done yet', 'Here would be who approved', 'trueline up']],
  [
    'months',
    '#/predictions',
    [
      ...['2,841,377 predictions are kept; all that was answered is logged', '411,902', 'lineage', 'by hand'],
      ...['flight UA1100, origin JFK', 'rebook', '0.04 ms', 'page 1', 'trueline predictions'],
    ],
  ],
  [
    'months',
    '#/predictions?model=late_flight&entity=flight%3DUA1103',
    ['UA1103', 'Show all', "trueline predictions --model late_flight --entity 'flight=UA1103'"],
  ],
  [
    'months',
    '#/predictions/p4gm-3',
    [
      ...[
        'turnaround_minutes v3 gave .144; ‘keep’ came of rule 2 by hand',
        'ann decided ‘rebook’ in the place of ‘keep’',
        'trueline decisions overrides --prediction p4gm-3',
        'its lineage',
        'by hand',
        'All with this value',
        '+.6200',
        'empty',
      ],
      ...['from −1.314, what is expected of any row', 'trueline predictions show p4gm-3', 'trueline explain p4gm-3'],
    ],
  ],
  [
    'months',
    '#/predictions/p4gm-5',
    ['came of origin_delays.mean_delay_1h, which is missing', 'Nobody has: ‘', 'trueline decisions override p4gm-5'],
  ],
  [
    'empty',
    '#/predictions',
    ['No prediction was logged yet', 'Here would be each answer', "trueline predict MODEL '{…}'"],
  ],
]
