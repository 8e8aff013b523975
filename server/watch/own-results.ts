import { sep } from 'node:path'
import { safeName } from '../assets/index.ts'
import { type BatchRow, type BatchStore, nameOfRow } from '../batch/index.ts'

/**
 * Knows which files of a folder were made of others in it, so that results beside the files start nothing: by their paths, and by the
 * names savers give (`photo_00001_.png` of `photo.png`), which are known before they are there and after a crash. Those of other watches of
 * the same folder count, too: two graphs would else feed each other for ever.
 */
export function createOwnResults(store: () => BatchStore, folder: string) {
  const known = new Map<string, { rows: number; names: Set<string>; paths: Set<string> }>()

  function refresh(): void {
    for (const { id, name, watched } of store().list()) {
      if (watched !== folder) continue
      const counts = store().counts(id)
      const rows = counts.waiting + counts.running + counts.done + counts.failed
      const before = known.get(id) ?? { rows: 0, names: new Set(), paths: new Set() }
      known.set(id, before)
      if (before.rows === rows) continue
      for (const row of store().rows(id, { offset: before.rows, limit: Number.MAX_SAFE_INTEGER })) {
        before.names.add(resultName(name, row))
        for (const file of row.files) before.paths.add(file.path)
      }
      before.rows = rows
    }
  }

  return {
    /** Whether a path below the folder is a result. */
    has(path: string): boolean {
      const stem = /^(.+)_\d{5,}[^/]*$/.exec(path)?.[1]?.toLowerCase()
      if (stem === undefined) return false
      refresh()
      const whole = `${folder}${sep}${path.split('/').join(sep)}`
      // With several savers the node's id stands behind the name.
      const names = [stem, stem.replace(/_[^_/]*$/, '')]
      return [...known.values()].some(
        each => each.paths.has(whole) || names.some(name => each.names.has(name)),
      )
    },
  }
}

/** What its results are called below the folder, up to the counter. */
export function resultName(pattern: string, { values, index }: Pick<BatchRow, 'values' | 'index'>): string {
  const parts = (values.folder ?? '').split('/').filter(part => part !== '')
  return [...parts, nameOfRow(pattern, values, index)].map(safeName).join('/').toLowerCase()
}
