import type { Ui } from '../../nodes/define-node.ts'

/** UI outputs as ComfyUI sends them: files are `{ filename, subfolder, type }`, nothing of where they lie on this machine. */
export function comfyUi(ui: Ui): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(ui).map(([key, items]) => [
      key,
      items.map(item => {
        if (typeof item !== 'object') return item
        const { asset: _asset, ...file } = item
        return file
      }),
    ]),
  )
}
