// Loaded into a server under test with --import: ends it with SIGKILL at the n-th checkpoint, before or after every database
// write, every file rename or link, and every call to the cloud. CRASH_AT=0 only counts and leaves the count in CRASH_COUNT.
import { channel } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import sqlite from 'node:sqlite'

const at = Number(process.env.CRASH_AT ?? 0)
const countFile = process.env.CRASH_COUNT
let count = 0

function checkpoint(what) {
  count++
  if (countFile) writeFileSync(countFile, `${count}\n`)
  if (count === at) {
    if (countFile) writeFileSync(countFile, `${count} ${what}\n`)
    process.kill(process.pid, 'SIGKILL')
    // The signal is not always delivered before the next line runs.
    for (;;);
  }
}

const { run } = sqlite.StatementSync.prototype
sqlite.StatementSync.prototype.run = function (...values) {
  const isWrite = /tasks|runs|places|results/.test(this.sourceSQL)
  if (isWrite) checkpoint(`before ${this.sourceSQL.slice(0, 60)}`)
  const result = run.apply(this, values)
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

// Between the moment a create goes out and the moment its answer is read, nobody can know its task: that window has a test of its
// own. Every other call is cut off after its answer, too.
const isCreate = request => /\/(create|ai-app\/run)$/.test(request.path)
channel('undici:request:create').subscribe(({ request }) => {
  if (!request.path.startsWith('/__')) checkpoint(`before ${request.path}`)
})
channel('undici:request:trailers').subscribe(({ request }) => {
  if (!isCreate(request)) checkpoint(`after ${request.path}`)
})
