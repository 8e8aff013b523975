import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { BridgeError } from '../shared/errors.ts'

/** A secret typed on the terminal, shown nowhere. Throws `interrupted` for Ctrl-C. */
export async function askHidden(question: string): Promise<string> {
  process.stderr.write(question)
  // What readline would echo goes nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  const stop = new AbortController()
  terminal.once('SIGINT', () => stop.abort())
  try {
    return await terminal.question('', { signal: stop.signal })
  } catch (cause) {
    throw new BridgeError('Nothing was changed', { code: 'interrupted', cause })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

/** A secret from standard input when that is no terminal: its first line. */
export async function readPiped(): Promise<string> {
  return (await text(process.stdin)).split(/\r?\n/, 1)[0] ?? ''
}
