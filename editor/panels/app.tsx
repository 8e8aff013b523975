import { useEffect, useRef, useState } from 'preact/hooks'
import type { Editor } from '../app/editor.ts'
import { FirstLine, Warnings } from './banners.tsx'
import { BatchSheet } from './batch/sheet.tsx'
import { Breadcrumb } from './breadcrumb.tsx'
import { CanvasTools } from './canvas-tools.tsx'
import { type Page, PageContext } from './context.ts'
import { Dialogs } from './dialogs.tsx'
import { DropHint } from './drop-hint.tsx'
import { bindDrops } from './drops.ts'
import { Lightbox } from './lightbox.tsx'
import { Popups } from './popups.tsx'
import { Rail } from './rail.tsx'
import { bindShortcuts } from './shortcuts.ts'
import { SidePanel } from './side-panel.tsx'
import { StartHint } from './start-hint.tsx'
import { StatusLine } from './status-line.tsx'
import { exposeTestFace } from './test-face.ts'
import { TopBar } from './top-bar.tsx'

export function App({ editor }: { editor: Editor }) {
  const place = useRef<HTMLDivElement>(null)
  const [page, setPage] = useState<Page>()
  useEffect(() => {
    if (!place.current) return
    const { store, api, tell } = editor
    const made: Page = { store, api, tell, ...editor.mount(place.current) }
    bindShortcuts(made)
    bindDrops(made, place.current)
    exposeTestFace(made)
    setPage(made)
  }, [editor])
  return (
    <div class="app">
      {page ? (
        <PageContext.Provider value={page}>
          <TopBar />
          <FirstLine />
        </PageContext.Provider>
      ) : (
        <header class="top-bar" />
      )}
      <main class="work">
        {page && (
          <PageContext.Provider value={page}>
            <Rail />
            <SidePanel />
          </PageContext.Provider>
        )}
        <div class="work-column">
          <section class="canvas-place">
            <div class="canvas-root" ref={place} />
            {page && (
              <PageContext.Provider value={page}>
                <StartHint />
                <Breadcrumb />
                <CanvasTools />
                <DropHint />
              </PageContext.Provider>
            )}
          </section>
          {page && (
            <PageContext.Provider value={page}>
              <Warnings />
              <BatchSheet />
            </PageContext.Provider>
          )}
        </div>
      </main>
      {page && (
        <PageContext.Provider value={page}>
          <StatusLine />
          <Popups />
          <Dialogs />
          <Lightbox />
        </PageContext.Provider>
      )}
    </div>
  )
}
