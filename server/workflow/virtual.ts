/**
 * Nodes that only the editor knows (reference: resolving a link's source). None of them reaches a prompt.
 * `aside`: never a source; notes, labels, and panels that mute or bypass others at a click.
 */
type VirtualKind = 'reroute' | 'primitive' | 'set' | 'get' | 'aside'

const kinds: ReadonlyMap<string, VirtualKind> = new Map([
  ['Reroute', 'reroute'],
  ['Reroute (rgthree)', 'reroute'],
  ['PrimitiveNode', 'primitive'],
  ['SetNode', 'set'],
  ['easy setNode', 'set'],
  ['GetNode', 'get'],
  ['easy getNode', 'get'],
  ['Note', 'aside'],
  ['MarkdownNote', 'aside'],
  ['Label (rgthree)', 'aside'],
  ['Bookmark (rgthree)', 'aside'],
  ['Fast Groups Muter (rgthree)', 'aside'],
  ['Fast Groups Bypasser (rgthree)', 'aside'],
  ['Fast Muter (rgthree)', 'aside'],
  ['Fast Bypasser (rgthree)', 'aside'],
  ['Fast Actions Button (rgthree)', 'aside'],
  ['Mute / Bypass Repeater (rgthree)', 'aside'],
  ['Mute / Bypass Relay (rgthree)', 'aside'],
  ['Anything Everywhere', 'aside'],
  ['Anything Everywhere?', 'aside'],
  ['Anything Everywhere3', 'aside'],
  ['Prompts Everywhere', 'aside'],
] as const)

export function virtualKind(type: string): VirtualKind | undefined {
  return kinds.get(type)
}
