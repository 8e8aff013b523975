import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Editor, Mounted } from '../app/editor.ts'

export type Page = Pick<Editor, 'store' | 'api' | 'tell'> & Mounted

export const PageContext = createContext<Page | undefined>(undefined)

/** What every panel is handed: the state, and what can be done. */
export function usePage(): Page {
  const page = useContext(PageContext)
  if (!page) throw new Error('A panel stands outside the page.')
  return page
}
