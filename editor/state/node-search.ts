import type { NodeType } from '../node-types/index.ts'

export type SearchEntry = {
  readonly type: NodeType
  readonly title: string
  /** Everything it can be found by, lower case. */
  readonly words: readonly string[]
}

export type Pinyin = { initials(text: string): string; full(text: string): string }

/** What each node can be found by: name, Chinese name, pinyin and its initials, category, type, former names. */
export function searchIndex(
  types: Iterable<NodeType>,
  titles: { shown: (type: NodeType) => string; chinese: (type: NodeType) => string | undefined },
  pinyin: Pinyin | undefined,
): SearchEntry[] {
  return [...types].map(type => {
    const chinese = titles.chinese(type)
    const spoken = chinese && pinyin ? [pinyin.initials(chinese), pinyin.full(chinese)] : []
    const initials = type.title
      .split(/[\s_-]+|(?<=[a-z])(?=[A-Z])/)
      .map(word => word[0] ?? '')
      .join('')
    const words = [type.title, type.type, chinese ?? '', initials, ...spoken, type.category, ...type.aliases]
    return { type, title: titles.shown(type), words: words.map(word => word.toLowerCase()).filter(Boolean) }
  })
}

/** The best first: the start of a name, then the start of a word, then anywhere, then in the category. */
export function searchNodes(
  index: readonly SearchEntry[],
  query: string,
  /** What counts where the words say nothing. */
  weightOf: (entry: SearchEntry) => number = () => 0,
): SearchEntry[] {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (parts.length === 0)
    return index.toSorted((a, b) => weightOf(b) - weightOf(a) || a.title.localeCompare(b.title))
  return index
    .map(entry => ({ entry, score: Math.min(...parts.map(part => scoreOf(entry, part))) }))
    .filter(({ score }) => score > 0)
    .sort(
      (a, b) =>
        b.score - a.score ||
        weightOf(b.entry) - weightOf(a.entry) ||
        Number(isEveryday(b.entry)) - Number(isEveryday(a.entry)) ||
        a.entry.title.length - b.entry.title.length,
    )
    .map(({ entry }) => entry)
}

/** Of nodes that fit a word alike, those that most graphs have come first. */
const everyday: ReadonlySet<string> = new Set([
  ...['LoadImage', 'SaveImage', 'PreviewImage', 'LoadVideo', 'SaveVideo', 'LoadAudio', 'SaveAudio'],
  ...['RH_SettingsNode', 'RH_NodeInfoListNode', 'RH_ExecuteNode', 'RH_ImageUploaderNode', 'RH_Utils'],
  ...['PrimitiveStringMultiline', 'PreviewAny'],
])
const isEveryday = ({ type }: SearchEntry) => everyday.has(type.type)

function scoreOf(entry: SearchEntry, part: string): number {
  let best = 0
  for (const [at, word] of entry.words.entries()) {
    const weight = at < 5 ? 2 : 1
    if (word === part) best = Math.max(best, 50 * weight)
    else if (word.startsWith(part)) best = Math.max(best, 30 * weight)
    else if (word.split(/[\s/_]+/).some(piece => piece.startsWith(part))) best = Math.max(best, 20 * weight)
    else if (word.includes(part)) best = Math.max(best, 10 * weight)
  }
  return best
}

/** How well a node could stand at the other end of a link of this type: 0 not at all, 3 with a slot made for it. */
export function fitOf(type: NodeType, link: { from: 'output' | 'input'; type: string }): number {
  const slots =
    link.from === 'output' ? type.sockets.map(socket => socket.type) : type.outputs.map(output => output.type)
  if (slots.includes(link.type)) return 3
  const widgets = link.from === 'output' ? type.widgets.flatMap(widget => widget.socketType ?? []) : []
  if (widgets.includes(link.type)) return 2
  return [...slots, ...widgets].some(slot => canConnect(slot, link.type)) ? 1 : 0
}

export function canConnect(one: string, other: string): boolean {
  if (one === '*' || other === '*' || one === '' || other === '') return true
  const types = new Set(one.toLowerCase().split(','))
  return other
    .toLowerCase()
    .split(',')
    .some(type => types.has(type))
}
