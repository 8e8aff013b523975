import { t, type WordKey } from '../i18n/index.ts'

const rows: readonly (readonly [keys: string, word: WordKey])[] = [
  ['Ctrl+Enter', 'shortcut.queue'],
  ['Ctrl+Shift+Enter', 'shortcut.queueFront'],
  ['Ctrl+Alt+Enter', 'shortcut.interrupt'],
  ['Ctrl+S', 'shortcut.save'],
  ['Ctrl+O', 'shortcut.open'],
  ['Ctrl+Z  Ctrl+Y', 'shortcut.undo'],
  ['Ctrl+C  Ctrl+X  Ctrl+V', 'shortcut.clipboard'],
  ['Ctrl+Shift+V', 'shortcut.pasteLinks'],
  ['Ctrl+D', 'shortcut.duplicate'],
  ['Ctrl+A', 'shortcut.selectAll'],
  ['Delete', 'shortcut.delete'],
  ['Ctrl+G', 'shortcut.group'],
  ['Ctrl+Shift+E', 'shortcut.subgraph'],
  ['Ctrl+M  Ctrl+B', 'shortcut.mute'],
  ['P  Alt+C', 'shortcut.pin'],
  ['Ctrl+Shift+A', 'shortcut.arrange'],
  ['.', 'shortcut.fit'],
  ['Alt+=  Alt+-', 'shortcut.zoom'],
  ['H  V', 'shortcut.lock'],
  ['Alt+Shift+M', 'shortcut.minimap'],
  ['W  N  A  Q  P  B', 'shortcut.panels'],
  ['Ctrl+,', 'shortcut.settings'],
  ['R', 'shortcut.refresh'],
  ['Tab  Enter', 'shortcut.values'],
  ['Esc', 'shortcut.escape'],
  ['?', 'shortcut.list'],
]
const gestures: readonly (readonly [WordKey, WordKey])[] = [
  ['shortcut.doubleClick', 'shortcut.search'],
  ['shortcut.spaceDrag', 'shortcut.pan'],
  ['shortcut.ctrlDrag', 'shortcut.boxSelect'],
  ['shortcut.altDrag', 'shortcut.copyDrag'],
  ['shortcut.shiftDrag', 'shortcut.snapDrag'],
  ['shortcut.altClick', 'shortcut.reroute'],
  ['menu.shiftClick', 'menu.runAnew'],
]

export function ShortcutList({ onClose }: { onClose: () => void }) {
  return (
    <div class="shortcut-list">
      <h2>{t('view.shortcuts')}</h2>
      <dl>
        {rows.map(([keys, word]) => (
          <div key={word}>
            <dt>
              {keys.split('  ').map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
        {gestures.map(([gesture, word]) => (
          <div key={word}>
            <dt>
              <kbd>{t(gesture)}</kbd>
            </dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
      </dl>
      <div class="row is-end">
        <button type="button" class="button" onClick={onClose}>
          {t('common.close')}
        </button>
      </div>
    </div>
  )
}
