#!/usr/bin/env node
import module from 'node:module'

const [major] = process.versions.node.split('.')
if (Number(major) < 24) {
  process.stderr.write(`rh-bridge needs Node.js 24 or newer; this is ${process.versions.node}.\n`)
  process.exit(2)
}

// Parsing TypeScript is most of the start: what was parsed once is kept for the next time.
module.enableCompileCache()

// A closed pipe (`| head`) is the reader's right, not a crash.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })
}

const { main } = await import('./cli/program.ts')
process.exitCode = await main()
