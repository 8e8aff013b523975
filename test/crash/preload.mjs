// Loaded into a server under test with --import: ends it with SIGKILL at the n-th checkpoint, before or after every database
// write, every file rename or link, and every call to the cloud. The parent arms it with a message `{ crashAt }`, from which
// counting begins; 0 only counts. What was counted goes back as messages.
import { channel } from 'node:diagnostics_channel'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import sqlite from 'node:sqlite'

/** Told with CRASH_WHEN_SETTLED: not while any create, of whatever run, is without its answer. */
const onlyWhenSettled = process.env.CRASH_WHEN_SETTLED !== undefined
let database
/** Connections in the middle of a transaction: what they write is not seen from another yet. */
const writing = new Set()
let crashAt
let count = 0
process.on('message', message => {
  crashAt = message.crashAt
  count = 0
  process.send({ armed: true })
})
process.channel.unref()

// From the moment a create has gone out until its id is written down nobody can know its task: that window has
// a test of its own (CRASH_IN_CREATE), and what happens beside it is not a checkpoint.
let isCreating = false
let isIdWritten = false

function checkpoint(what) {
  if (isCreating || crashAt === undefined) return
  count++
  // Written to the pipe before this returns (POSIX: IPC is synchronous there), so it outlives the kill.
  process.send({ count, what })
  const isDue = crashAt > 0 && (onlyWhenSettled ? count >= crashAt && isSettled() : count === crashAt)
  if (isDue) {
    process.kill(process.pid, 'SIGKILL')
    // The signal is not always delivered before the next line runs.
    for (;;);
  }
}

function isSettled() {
  if (writing.size > 0) return false
  const submitting = database?.prepare("SELECT count(*) AS n FROM tasks WHERE state = 'submitting'").get()
  return submitting?.n === 0
}

const { exec } = sqlite.DatabaseSync.prototype
sqlite.DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql)
  if (sql === 'BEGIN IMMEDIATE') {
    database = this
    writing.add(this)
  }
  if (sql === 'COMMIT' || sql === 'ROLLBACK') writing.delete(this)
  if (sql !== 'COMMIT' || !isIdWritten) return
  isIdWritten = false
  isCreating = false
  checkpoint('after the id is durable')
}

const { run } = sqlite.StatementSync.prototype
sqlite.StatementSync.prototype.run = function (...values) {
  const isWrite = /tasks|runs|places|results/.test(this.sourceSQL)
  if (isWrite) checkpoint(`before ${this.sourceSQL.slice(0, 60)}`)
  const result = run.apply(this, values)
  if (this.sourceSQL.startsWith('UPDATE tasks SET state')) isIdWritten = true
  if (isWrite) checkpoint(`after ${this.sourceSQL.slice(0, 60)}`)
  return result
}

for (const name of ['rename', 'link', 'copyFile']) {
  const original = fs[name]
  fs[name] = async (...args) => {
    checkpoint(`before ${name}`)
    const result = await original(...args)
    checkpoint(`after ${name}`)
    return result
  }
}
syncBuiltinESMExports()

const isCreate = request => /\/(create|ai-app\/run)$/.test(request.path)
channel('undici:request:create').subscribe(({ request }) => {
  if (request.path.startsWith('/__')) return
  checkpoint(`before ${request.path}`)
  if (isCreate(request)) isCreating = true
})
channel('undici:request:trailers').subscribe(({ request }) => {
  if (isCreate(request) && process.env.CRASH_IN_CREATE) process.kill(process.pid, 'SIGKILL')
  if (!isCreate(request)) checkpoint(`after ${request.path}`)
})
