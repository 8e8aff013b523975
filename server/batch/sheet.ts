import sharp from 'sharp'
import type { BatchRow } from './types.ts'

/** A contact sheet shows at most this many rows; a picture of more would not open anywhere. */
export const maxSheetRows = 2000
const side = 256
const captionHeight = 44
const gap = 12
const perLine = 6

type Thumb = { readonly row: BatchRow; readonly webp: Buffer | undefined }

/** Rows with a small picture each, as a page that stands alone (no other file, no network). */
export async function sheetAsHtml(
  title: string,
  columns: readonly string[],
  rows: readonly BatchRow[],
  signal: AbortSignal,
): Promise<string> {
  const thumbs = await thumbsOf(rows, signal)
  const cards = thumbs.map(({ row, webp }) => {
    const values = columns
      .map(column => `<dt>${escapeHtml(column)}</dt><dd>${escapeHtml(row.values[column] ?? '')}</dd>`)
      .join('')
    const picture = webp
      ? `<img src="data:image/webp;base64,${webp.toString('base64')}" alt="" loading="lazy" width="${side}">`
      : `<p class="none">${escapeHtml(row.error?.message ?? row.text?.slice(0, 200) ?? row.state)}</p>`
    return `<article class="${row.state}"><h2>${row.index + 1}</h2>${picture}<dl>${values}</dl></article>`
  })
  return `<!doctype html>
<html><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><meta name="viewport" content="width=device-width">
<style>
body{font:14px/1.4 system-ui,sans-serif;margin:24px;background:#f6f6f4;color:#222}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(${side}px,1fr));gap:16px}
article{background:#fff;border-radius:8px;padding:12px;overflow-wrap:anywhere}
article.failed{outline:2px solid #c0392b}
img{width:100%;height:auto;border-radius:4px;display:block}
h2{margin:0 0 6px;font-size:12px;color:#666;font-weight:500}
.none{min-height:80px;margin:0;color:#a33}
dl{display:grid;grid-template-columns:auto 1fr;gap:2px 8px;margin:8px 0 0}
dt{color:#666}dd{margin:0}
@media (prefers-color-scheme:dark){body{background:#191919;color:#eee}article{background:#262626}dt,h2{color:#aaa}}
</style></head>
<body><h1>${escapeHtml(title)}</h1><main>
${cards.join('\n')}
</main></body></html>
`
}

/** The same as one picture (PNG). */
export async function sheetAsPng(rows: readonly BatchRow[], signal: AbortSignal): Promise<Buffer> {
  const thumbs = await thumbsOf(rows, signal)
  const across = Math.min(perLine, Math.max(1, thumbs.length))
  const lines = Math.ceil(Math.max(1, thumbs.length) / across)
  const width = across * (side + gap) + gap
  const height = lines * (side + captionHeight + gap) + gap
  const parts = await Promise.all(
    thumbs.map(async ({ row, webp }, index) => {
      const left = gap + (index % across) * (side + gap)
      const top = gap + Math.floor(index / across) * (side + captionHeight + gap)
      const picture = webp ?? (await empty(row.state === 'failed'))
      const { width: own = side, height: tall = side } = await sharp(picture).metadata()
      return [
        {
          input: picture,
          left: left + Math.floor((side - own) / 2),
          top: top + Math.floor((side - tall) / 2),
        },
        { input: caption(row), left, top: top + side },
      ]
    }),
  )
  return sharp({ create: { width, height, channels: 3, background: '#f6f6f4' } })
    .composite(parts.flat())
    .png()
    .toBuffer()
}

async function thumbsOf(rows: readonly BatchRow[], signal: AbortSignal): Promise<Thumb[]> {
  const thumbs: Thumb[] = []
  for (const row of rows.slice(0, maxSheetRows)) {
    signal.throwIfAborted()
    thumbs.push({ row, webp: await thumb(row) })
  }
  return thumbs
}

/** The first picture of a row, small; undefined when there is none, or it cannot be read any more. */
async function thumb(row: BatchRow): Promise<Buffer | undefined> {
  const file = row.files.find(({ kind }) => kind === 'image')
  if (!file) return undefined
  return sharp(file.path)
    .autoOrient()
    .resize(side, side, { fit: 'inside' })
    .webp({ quality: 80 })
    .toBuffer()
    .catch(() => undefined)
}

function empty(isFailed: boolean): Promise<Buffer> {
  const background = isFailed ? '#f3d9d6' : '#e4e4e0'
  return sharp({ create: { width: side, height: side, channels: 3, background } })
    .png()
    .toBuffer()
}

/** Values under a picture, cut to two lines; the font is the system's. */
function caption(row: BatchRow): Buffer {
  const text = Object.values(row.values).join(' · ')
  const lines = [text.slice(0, 38), text.slice(38, 76)]
  const spans = lines
    .map(
      (line, index) =>
        `<text x="2" y="${16 + index * 17}" font-size="12" fill="#333">${escapeHtml(line)}</text>`,
    )
    .join('')
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${captionHeight}" font-family="sans-serif">${spans}</svg>`,
  )
}

function escapeHtml(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
