import { existsSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sqlite, { type DatabaseSync, type StatementSync } from 'node:sqlite'

/** A disk that can be filled: from a certain write on, every write below a folder fails as it does on a full one, until there is room. */
export type Disk = {
  /** From the n-th write from now on, counted from 1. */
  fillAt(write: number): void
  room(): void
  /** Writes since the last call of `fillAt` or `room`. */
  writes(): number
  /** What failed first. */
  failedAt(): string | undefined
  restore(): void
}

const isWrite = /^\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE)/i

/**
 * Stands between this process and `node:fs/promises` and `node:sqlite`. SQLite's part is played as it was seen on a full tmpfs: a single
 * statement fails, a transaction only when it is committed, and is rolled back then.
 */
export async function createDisk(folder: () => string): Promise<Disk> {
  let fullAt = Number.POSITIVE_INFINITY
  let count = 0
  let failed: string | undefined
  const isFull = (what: string) => {
    if (++count < fullAt) return false
    failed ??= what
    return true
  }
  const undo: (() => void)[] = []
  const replace = <T extends object, K extends keyof T>(owner: T, name: K, value: T[K]) => {
    const original = owner[name]
    owner[name] = value
    undo.push(() => {
      owner[name] = original
    })
  }

  const sqlFull = () =>
    Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })
  const databases = new WeakMap<StatementSync, DatabaseSync>()
  const { DatabaseSync: Database, StatementSync: Statement } = sqlite
  const { prepare, exec } = Database.prototype
  replace(Database.prototype, 'prepare', function (this: DatabaseSync, sql, ...more) {
    const statement = prepare.call(this, sql, ...more)
    databases.set(statement, this)
    return statement
  })
  replace(Database.prototype, 'exec', function (this: DatabaseSync, sql) {
    const isBig = sql === 'COMMIT' || isWrite.test(sql)
    if (isBig && !(sql !== 'COMMIT' && this.isTransaction) && isFull(sql.trim().slice(0, 40))) {
      if (this.isTransaction) exec.call(this, 'ROLLBACK')
      throw sqlFull()
    }
    exec.call(this, sql)
  })
  for (const name of ['run', 'get', 'all'] as const) {
    const original = Statement.prototype[name] as (...values: unknown[]) => unknown
    replace(Statement.prototype, name, function (this: StatementSync, ...values: unknown[]) {
      const isAlone = isWrite.test(this.sourceSQL) && databases.get(this)?.isTransaction === false
      if (isAlone && isFull(this.sourceSQL.trim().slice(0, 40))) throw sqlFull()
      return original.apply(this, values)
    } as never)
  }

  const noSpace = (call: string, path: string) =>
    Object.assign(new Error(`ENOSPC: no space left on device, ${call} '${path}'`), {
      code: 'ENOSPC',
      syscall: call,
    })
  const isHere = (path: unknown) => String(path).startsWith(folder())
  const paths = new WeakMap<object, string>()
  const { open, mkdir, writeFile, copyFile, link } = fs
  replace(fs, 'open', (async (path: string, flags = 'r', ...more: never[]) => {
    const writes = /[wa+]/.test(String(flags))
    if (writes && isHere(path) && isFull('open')) throw noSpace('open', path)
    const handle = await open(path, flags, ...more)
    paths.set(handle, path)
    return handle
  }) as typeof open)
  replace(fs, 'mkdir', (async (path: string, options: never) => {
    if (isHere(path) && !existsSync(path) && isFull('mkdir')) throw noSpace('mkdir', path)
    return mkdir(path, options)
  }) as typeof mkdir)
  replace(fs, 'writeFile', (async (path: string, ...more: [never, never]) => {
    if (isHere(path) && isFull('writeFile')) throw noSpace('write', path)
    return writeFile(path, ...more)
  }) as typeof writeFile)
  replace(fs, 'copyFile', (async (from: string, to: string, ...more: never[]) => {
    if (isHere(to) && isFull('copyFile')) throw noSpace('copyfile', to)
    return copyFile(from, to, ...more)
  }) as typeof copyFile)
  replace(fs, 'link', (async (from: string, to: string) => {
    if (isHere(to) && isFull('link')) throw noSpace('link', to)
    return link(from, to)
  }) as typeof link)
  const probe = await open(join(tmpdir(), `rh-disk-${process.pid}`), 'w')
  const handles = Object.getPrototypeOf(probe) as { write: (...values: unknown[]) => Promise<unknown> }
  await probe.close()
  const { write } = handles
  replace(handles, 'write', function (this: object, ...values: unknown[]) {
    const path = paths.get(this) ?? ''
    if (isHere(path) && isFull('write')) return Promise.reject(noSpace('write', path))
    return write.apply(this, values)
  })
  syncBuiltinESMExports()

  const from = (write: number) => {
    count = 0
    fullAt = write
    failed = undefined
  }
  return {
    fillAt: from,
    room: () => from(Number.POSITIVE_INFINITY),
    writes: () => count,
    failedAt: () => failed,
    restore() {
      for (const back of undo.reverse()) back()
      syncBuiltinESMExports()
    },
  }
}
