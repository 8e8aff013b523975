/** What every error of the product carries beside its message. */
export type ErrorFacts = {
  /** Stable word for programs: `cloud-803`, `workflow-not-json`. */
  code: string
  /** What to do now, one sentence. */
  hint?: string
  nodeId?: string
  /** The RunningHub task, wherever money is involved. */
  taskId?: string
  /** A text that was found where something else was looked for, and may be of use. */
  found?: string
  cause?: unknown
}

/** The one error family: callers decide by `code`, people by `message` and `hint`, support by `taskId`. */
export class BridgeError extends Error {
  readonly code: string
  readonly hint?: string
  readonly nodeId?: string
  readonly taskId?: string
  readonly found?: string

  constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'BridgeError'
    this.code = facts.code
    if (facts.hint !== undefined) this.hint = facts.hint
    if (facts.nodeId !== undefined) this.nodeId = facts.nodeId
    if (facts.taskId !== undefined) this.taskId = facts.taskId
    if (facts.found !== undefined) this.found = facts.found
  }
}

/** The message of anything thrown, never empty. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name
  return String(error)
}

/** The `code` Node puts on system and socket errors (`ECONNREFUSED`), looked for along the cause chain. */
export function systemCodeOf(error: unknown): string | undefined {
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    const code = (current as NodeJS.ErrnoException).code
    if (typeof code === 'string' && /^(E[A-Z]+|UND_|ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/.test(code)) return code
    // A failed connect to several addresses (IPv4 and IPv6) arrives as one AggregateError.
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0]
    else current = current.cause
  }
  return undefined
}

/** What to do about a file that cannot be written. */
export function diskAdvice(error: unknown): string {
  switch (systemCodeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full: free some space.'
    case 'ENAMETOOLONG':
      return 'The path is too long: choose a shorter data folder with --data-dir.'
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'It may not be written: check the rights of the folder.'
    default:
      return 'Free some space or check the rights of the folder.'
  }
}

/** No room, a quota, or a file system that takes nothing; SQLite's own words for it are numbers (SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY). */
const diskCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS'])
const diskNumbers: ReadonlySet<number> = new Set([13, 10, 8])

/** An error `disk` for anything thrown because nothing could be written; undefined for every other reason. */
export function diskError(error: unknown): BridgeError | undefined {
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    const { code, errcode } = current as Error & { code?: unknown; errcode?: unknown }
    // The low byte: SQLite adds details above it.
    const isDatabase =
      code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' && diskNumbers.has(errcode & 0xff)
    if (isDatabase || (typeof code === 'string' && diskCodes.has(code))) {
      const why = isDatabase ? current.message : String(code)
      return new BridgeError(`The disk takes nothing more (${why}).`, {
        code: 'disk',
        hint: 'Free some space, or check the rights of the data folder, then run again. What is paid for is not lost.',
        cause: error,
      })
    }
    current = current.cause
  }
  return undefined
}

/** Makes the compiler prove that a union was read exhaustively. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}
