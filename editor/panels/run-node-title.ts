import { nodeTitle } from '../i18n/index.ts'
import type { NodeType } from '../node-types/index.ts'

/** What a run's node is called: as somebody named it, else its type's name in the chosen language. */
export function runNodeTitle(
  { type, title }: { type: string; title: string | null },
  types: ReadonlyMap<string, NodeType>,
): string {
  const known = types.get(type)
  return known && (title === null || title === known.title) ? nodeTitle(known) : (title ?? type)
}
