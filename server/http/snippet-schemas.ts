import { z } from 'zod'

export const snippetWishSchema = z.object({
  workflow: z.unknown().optional(),
  prompt: z.unknown().optional(),
  /** The server's address as its reader reaches it; absent: as this request did. */
  server: z.url({ protocol: /^https?$/ }).optional(),
  /** The saved workflow's name, for a command. */
  file: z.string().optional(),
})

export const snippetsSchema = z.object({
  /** Null where no file is named: a command runs a file. */
  cli: z.string().nullable(),
  curl: z.string(),
  python: z.string(),
  typescript: z.string(),
})
