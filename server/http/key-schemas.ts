import { z } from 'zod'

export const keySchema = z.object({
  name: z.string(),
  lastFour: z.string(),
  baseUrl: z.string().nullable(),
  isDefault: z.boolean(),
})

export const newKeySchema = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^[^<>]+$/),
  key: z.string().trim().min(8).max(200).regex(/^\S+$/),
  baseUrl: z.string().optional(),
  makeDefault: z.boolean().optional(),
})

export const changedKeySchema = newKeySchema
  .pick({ name: true })
  .partial()
  .extend({ default: z.literal(true).optional() })

/** What a key's site says of it now. Amounts as text: they are money. */
export const keyFactsSchema = z.object({
  site: z.string(),
  kind: z.string(),
  coins: z.string().nullable(),
  money: z.string().nullable(),
  currency: z.string(),
  running: z.number().nullable(),
  limit: z.number().nullable(),
  /** Below what the limits `warnBelowCoins` and `warnBelowMoney` say. */
  isLow: z.boolean(),
})

const protectionSchema = z.object({
  kind: z.enum(['none', 'passphrase', 'key-file']),
  isLocked: z.boolean(),
})

/** `keys` is empty while they are locked. */
export const keysSchema = z.object({ keys: z.array(keySchema), protection: protectionSchema })

const words = z.string().min(1).max(1000)
/** `current`: the passphrase that holds, where another takes its place. */
export const passphraseSchema = z.object({ passphrase: words, current: words.optional() })
