import type { DataTypeName } from '../../core/data-type.ts'
import type { FeaturesDefinition } from '../../language/define/definitions.ts'
import type { ParquetType } from '../../stores/lake/parquet/encode-page.ts'
import type { ParquetField } from '../../stores/lake/parquet/parquet-metadata.ts'

/** The columns of a group's vectors in a Parquet file: the ordinal of the row that asked, then a column for each feature. */
export function vectorFields({ select }: FeaturesDefinition): ParquetField[] {
  const features = Object.entries(select).map(([name, { type }]): ParquetField => ({ name, type: typeInFile(type) }))
  return [{ name: 'ordinal', type: 'BIGINT' }, ...features]
}

function typeInFile(type: DataTypeName): ParquetType {
  if (type === 'int') return 'BIGINT'
  if (type === 'bool') return 'BOOLEAN'
  return type === 'timestamp' ? 'TIMESTAMP' : 'DOUBLE'
}
