import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BridgeError, diskError, messageOf, systemCodeOf } from '../shared/errors.ts'
import { migrations } from './migrations.ts'

export type Database = DatabaseSync

/**
 * Opens the database of a data folder, made or brought up to date as needed. Throws BridgeError with the way out for a folder
 * that cannot be written, a damaged file (`database-damaged`) and a file of a newer version (`database-newer`).
 */
export function openDatabase(path: string): Database {
  let database: Database | undefined
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    database = new DatabaseSync(path)
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    migrate(database, path)
    return database
  } catch (error) {
    database?.close()
    throw describe(path, error)
  }
}

/** Runs `work` whole or not at all. */
export function inTransaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // On a full disk SQLite has rolled back by itself (SQLite: response to errors within a transaction).
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Bookkeeping that may fail: what is there can be read on a full disk. */
export function attempt(write: () => unknown): void {
  try {
    write()
  } catch {
    // It is done at another time, or not at all.
  }
}

function migrate(database: Database, path: string): void {
  const version = () => Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
  if (version() > migrations.length) {
    throw new BridgeError(`The database "${path}" was made by a newer version of rh-bridge.`, {
      code: 'database-newer',
      hint: 'Update rh-bridge, or choose another data folder with --data-dir.',
    })
  }
  if (version() === migrations.length) return
  inTransaction(database, () => {
    // Read again inside: another process may have been faster.
    for (const step of migrations.slice(version())) database.exec(step)
    database.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}

/** What is told of a database that cannot be used. */
export function describe(path: string, error: unknown): BridgeError {
  if (error instanceof BridgeError) return error
  const full = diskError(error)
  if (full) return full
  const message = messageOf(error)
  const isFolder = ['EEXIST', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')
  if (!isFolder && /malformed|not a database|corrupt|no such table|already exists/i.test(message)) {
    return new BridgeError(`The database "${path}" is damaged.`, {
      code: 'database-damaged',
      hint: 'Move the file away to begin with an empty history, or choose another data folder with --data-dir. Output files are not in it.',
      cause: error,
    })
  }
  return new BridgeError(`The data folder "${dirname(path)}" cannot be used (${message}).`, {
    code: 'folder',
    hint: 'Check that it can be written, or choose another with --data-dir.',
    cause: error,
  })
}
