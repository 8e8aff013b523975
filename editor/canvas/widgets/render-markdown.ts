/**
 * Markdown as elements, never as HTML: what a file says is text. Headings, lists, quotes, code, rules; bold, italics, code and links within
 * lines. Pictures from elsewhere are not fetched.
 */
export function renderMarkdown(text: string): DocumentFragment {
  const root = document.createDocumentFragment()
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? ''
    const fence = /^\s*(```|~~~)/.exec(line)?.[1]
    if (fence) {
      const end = lines.findIndex((other, index) => index > at && other.trim().startsWith(fence))
      const last = end < 0 ? lines.length : end
      root.append(make('pre', lines.slice(at + 1, last).join('\n')))
      at = last + 1
      continue
    }
    const block = blockOf(line)
    const taken = [line]
    while (block.joins && at + taken.length < lines.length) {
      const next = lines[at + taken.length] ?? ''
      if (blockOf(next).kind !== block.kind || next.trim() === '') break
      taken.push(next)
    }
    const element = elementOf(block, taken)
    if (element) root.append(element)
    at += taken.length
  }
  return root
}

type Block = { readonly kind: string; readonly joins: boolean }

function blockOf(line: string): Block {
  if (line.trim() === '') return { kind: 'gap', joins: true }
  if (/^\s*(```|~~~)/.test(line)) return { kind: 'code', joins: false }
  if (/^#{1,6}\s/.test(line)) return { kind: 'heading', joins: false }
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return { kind: 'rule', joins: false }
  if (/^\s*[-*+]\s/.test(line)) return { kind: 'ul', joins: true }
  if (/^\s*\d+[.)]\s/.test(line)) return { kind: 'ol', joins: true }
  if (/^\s*>/.test(line)) return { kind: 'quote', joins: true }
  return { kind: 'text', joins: true }
}

function elementOf({ kind }: Block, lines: readonly string[]): HTMLElement | undefined {
  const [first = ''] = lines
  switch (kind) {
    case 'gap':
      return undefined
    case 'heading':
      return inline(
        make(`h${Math.min(6, (/^#+/.exec(first)?.[0].length ?? 1) + 2)}`),
        first.replace(/^#+\s*/, ''),
      )
    case 'rule':
      return make('hr')
    case 'quote':
      return inline(make('blockquote'), lines.map(line => line.replace(/^\s*>\s?/, '')).join('\n'))
    case 'ul':
    case 'ol': {
      const list = make(kind)
      list.append(...lines.map(line => inline(make('li'), line.replace(/^\s*([-*+]|\d+[.)])\s+/, ''))))
      return list
    }
    default:
      return inline(make('p'), lines.join('\n'))
  }
}

const mark =
  /`([^`]+)`|\*\*(.+?)\*\*|__(.+?)__|\*([^*\s][^*]*)\*|\b_([^_\s][^_]*)_\b|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)|(https?:\/\/[^\s)<>]+)/

function inline(parent: HTMLElement, text: string): HTMLElement {
  let rest = text
  for (let found = mark.exec(rest); found; found = mark.exec(rest)) {
    const [whole, code, bold, bold2, italic, italic2, label, target, bare] = found
    parent.append(rest.slice(0, found.index))
    const strong = bold ?? bold2
    const soft = italic ?? italic2
    if (code !== undefined) parent.append(make('code', code))
    else if (strong !== undefined) parent.append(inline(make('strong'), strong))
    else if (soft !== undefined) parent.append(inline(make('em'), soft))
    else parent.append(link(label ?? bare ?? '', target ?? bare ?? ''))
    rest = rest.slice(found.index + whole.length)
  }
  parent.append(rest)
  return parent
}

function link(label: string, target: string): Node {
  if (!/^https?:\/\//i.test(target)) return document.createTextNode(label)
  const anchor = document.createElement('a')
  anchor.href = target
  anchor.target = '_blank'
  anchor.rel = 'noreferrer noopener'
  anchor.textContent = label === '' ? target : label
  return anchor
}

function make(name: string, text = ''): HTMLElement {
  const element = document.createElement(name)
  element.textContent = text
  return element
}
