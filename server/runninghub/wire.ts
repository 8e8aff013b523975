import { z } from 'zod'

/** Pieces of RunningHub's JSON. Only fields we read are described; unknown ones pass. */

/** An id that arrives as text or number; kept as text (ids pass 2^53). */
export const wireId = z.union([z.string(), z.number().int(), z.bigint()]).transform(String)

/** An amount that arrives as text, number or null; kept as decimal text, null when there is none. */
export const wireAmount = z
  .union([z.string(), z.number(), z.bigint(), z.null()])
  .optional()
  .transform(value => (value === null || value === undefined || value === '' ? null : String(value)))

/** Text that may be missing. */
export const wireText = z
  .union([z.string(), z.null()])
  .optional()
  .transform(value => value ?? '')

/** A code: number in v1, text in v2's errorCode. "No error" has been seen as `""`, `null`, `"0"`, `0` and absent. */
export const wireCode = z
  .union([z.number(), z.string(), z.null()])
  .optional()
  .transform(value => {
    const code = value === null || value === undefined || value === '' ? 0 : Number(value)
    return Number.isNaN(code) ? 1000 : code
  })

/** The v1 envelope; the v2 upload says `message` for `msg`. */
export const envelope = z.object({
  code: wireCode,
  msg: wireText,
  message: wireText,
  data: z.unknown().optional(),
})
