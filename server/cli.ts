#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Parsing TypeScript is most of the start: what was parsed once is kept for the next time.
enableCompileCache()

// A closed pipe (`| head`) is the reader's right, not a crash.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })
}

const { main } = await import('./cli/program.ts')
process.exitCode = await main()
