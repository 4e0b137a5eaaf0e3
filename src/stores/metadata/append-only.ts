/**
 * SQL of the triggers that make a table append-only whoever writes to it: no update, no delete, and no replacement of
 * a row that exists (`INSERT OR REPLACE` deletes rows without firing delete triggers).
 *
 * The table must be `WITHOUT ROWID` or have an integer primary key, so that no hidden row number can be replaced.
 * @param keys each a list of columns that identify a row
 */
export function appendOnly(table: string, ...keys: readonly (readonly string[])[]): string {
  const same = keys.map((key) => `(${key.map((column) => `${column} = NEW.${column}`).join(' AND ')})`).join(' OR ')
  return `
    CREATE TRIGGER ${table}_never_updated BEFORE UPDATE ON ${table}
      BEGIN SELECT RAISE(ABORT, '${table} is append-only: no row may be updated'); END;
    CREATE TRIGGER ${table}_never_deleted BEFORE DELETE ON ${table}
      BEGIN SELECT RAISE(ABORT, '${table} is append-only: no row may be deleted'); END;
    CREATE TRIGGER ${table}_never_replaced BEFORE INSERT ON ${table} WHEN EXISTS (SELECT 1 FROM ${table} WHERE ${same})
      BEGIN SELECT RAISE(ABORT, '${table} is append-only: no row may be replaced'); END;`
}
