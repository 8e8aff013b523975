import { Grid3x3, Map as MapIcon, Maximize, Minus, Plus, Redo2, Undo2 } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { activeDocument } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

export function CanvasTools() {
  const { store, canvas, documents } = usePage()
  const [hasMap, setHasMap] = useState(false)
  const history = activeDocument(store)?.history
  return (
    <div class="canvas-tools" role="toolbar" aria-label={t('view.tools')}>
      <IconButton
        icon={Undo2}
        label={t('view.undo')}
        keys="Ctrl+Z"
        isDisabled={(history?.past.length ?? 0) === 0}
        onClick={() => documents.undo()}
      />
      <IconButton
        icon={Redo2}
        label={t('view.redo')}
        keys="Ctrl+Y"
        isDisabled={(history?.future.length ?? 0) === 0}
        onClick={() => documents.redo()}
      />
      <IconButton icon={Minus} label={t('view.zoomOut')} keys="Alt+-" onClick={() => canvas.zoom(1 / 1.2)} />
      <IconButton icon={Plus} label={t('view.zoomIn')} keys="Alt+=" onClick={() => canvas.zoom(1.2)} />
      <IconButton icon={Maximize} label={t('view.fit')} keys="." onClick={() => canvas.fit()} />
      <IconButton
        icon={Grid3x3}
        label={t('view.snap')}
        isPressed={store.snapsToGrid.value}
        onClick={() => {
          store.snapsToGrid.value = !store.snapsToGrid.value
        }}
      />
      <IconButton
        icon={MapIcon}
        label={t('view.minimap')}
        keys="Alt+Shift+M"
        isPressed={hasMap}
        onClick={() => setHasMap(canvas.toggleMinimap())}
      />
    </div>
  )
}
