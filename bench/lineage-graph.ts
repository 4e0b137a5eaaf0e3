import { DatabaseSync } from 'node:sqlite'

/** A lineage of many trainings over one growing history: each read half of a window of files, in ten million edges. */
export const TRAININGS = 2000
const FILES = 200_000
const FILES_OF_ONE = 5000
const STREAMS = 10
const EDGES_AT_ONCE = 500_000

/** Numbers of the nodes: sources, streams, files, and of each training its dataset, its run and its version. */
const firstFile = 1 + STREAMS * 2
const firstTraining = firstFile + FILES
export const versionOf = (training: number): number => firstTraining + training * 3 + 2
export const fileOf = (file: number): number => firstFile + file

/** Edges that the graph has. */
export const EDGES = FILES + TRAININGS * (FILES_OF_ONE + 2) + STREAMS

/** Fills the tables of the lineage, which are there and empty. */
export function fillLineage(path: string): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA synchronous = OFF; BEGIN')
  const node = database.prepare('INSERT INTO lineage_nodes VALUES (?, ?, ?, ?, ?)')
  const edge = database.prepare('INSERT INTO lineage_edges VALUES (?, ?)')
  let edges = 0
  const link = (source: number, target: number): void => {
    edge.run(source, target)
    edges += 1
    if (edges % EDGES_AT_ONCE === 0) database.exec('COMMIT; BEGIN')
  }
  for (let stream = 0; stream < STREAMS; stream += 1) {
    node.run(1 + stream * 2, 'source', `source-${stream}`, '{}', 0)
    node.run(2 + stream * 2, 'stream', `stream-${stream}`, '{}', 0)
    link(1 + stream * 2, 2 + stream * 2)
  }
  // Edges come in the order of their key, so that the table grows at its end.
  for (let file = 0; file < FILES; file += 1)
    node.run(fileOf(file), 'file', `file-${file}`, JSON.stringify({ rows: 1000, path: `events/${file}.parquet` }), file)
  for (let stream = 0; stream < STREAMS; stream += 1)
    for (let file = stream; file < FILES; file += STREAMS) link(2 + stream * 2, fileOf(file))
  for (let training = 0; training < TRAININGS; training += 1) {
    const number = firstTraining + training * 3
    for (const [place, kind] of ['dataset', 'run', 'version'].entries())
      node.run(number + place, kind, `${kind}-${training}`, '{}', training)
  }
  const span = FILES_OF_ONE * 2
  for (let file = 0; file < FILES; file += 1)
    for (let training = 0; training < TRAININGS; training += 1) {
      const from = Math.floor((training * (FILES - span)) / TRAININGS)
      if (file < from) break
      if (file < from + span && (file - from) % 2 === 0) link(fileOf(file), firstTraining + training * 3)
    }
  for (let training = 0; training < TRAININGS; training += 1)
    for (const place of [0, 1]) link(firstTraining + training * 3 + place, firstTraining + training * 3 + place + 1)
  database.exec('COMMIT')
  database.close()
}

/** The same edges, made by DuckDB. */
export const edgesSql = `
  SELECT 1 + stream * 2 AS source, 2 + stream * 2 AS target FROM range(${STREAMS}) streams(stream)
  UNION ALL SELECT 2 + (file % ${STREAMS}) * 2, ${firstFile} + file FROM range(${FILES}) files(file)
  UNION ALL SELECT ${firstFile} + (training * ${FILES - FILES_OF_ONE * 2}) // ${TRAININGS} + place * 2, ${firstTraining} + training * 3
    FROM range(${TRAININGS}) trainings(training), range(${FILES_OF_ONE}) places(place)
  UNION ALL SELECT ${firstTraining} + training * 3 + step, ${firstTraining} + training * 3 + step + 1
    FROM range(${TRAININGS}) trainings(training), range(2) steps(step)`
