import { t } from '../i18n/index.ts'
import { formatBytes } from '../state/index.ts'

/** A video with its controls; its first frame stands in the place until it plays. */
export function makeVideo(url: string, name: string): HTMLElement {
  const video = document.createElement('video')
  // Without a time in the address some browsers show nothing before it plays.
  video.src = `${url}#t=0.001`
  video.controls = true
  video.loop = true
  video.preload = 'metadata'
  video.playsInline = true
  video.setAttribute('aria-label', name)
  return video
}

/** What the browser cannot show, a 3D model for one: its name, its size, and the way to get it. */
export function makeFileCard(url: string, name: string): HTMLElement {
  const card = document.createElement('a')
  card.className = 'file-card'
  card.href = url
  card.download = name
  card.setAttribute('aria-label', t('media.download', { name }))
  const kind = document.createElement('span')
  kind.className = 'file-card-kind'
  kind.textContent = (/\.([a-z0-9]{1,8})$/i.exec(name)?.[1] ?? '?').toUpperCase()
  const title = document.createElement('span')
  title.className = 'file-card-name'
  title.textContent = name
  title.title = name
  const size = document.createElement('span')
  size.className = 'file-card-size'
  card.append(kind, title, size)
  void fetch(url, { method: 'HEAD' }).then(
    answer => {
      const bytes = Number(answer.headers.get('content-length'))
      if (answer.ok && bytes > 0) size.textContent = formatBytes(bytes)
    },
    // Without an answer there is no size to show.
    () => {},
  )
  return card
}

/** A picture onto the clipboard. Browsers take PNG only, and give the clipboard to secure pages only. */
export async function copyPicture(url: string): Promise<void> {
  if (!navigator.clipboard) throw new Error(t('media.noClipboard'))
  const picture = await createImageBitmap(await (await fetch(url)).blob())
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  canvas.getContext('2d')?.drawImage(picture, 0, 0)
  const png = await canvas.convertToBlob({ type: 'image/png' })
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
}
