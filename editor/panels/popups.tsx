import { useCallback } from 'preact/hooks'
import { usePage } from './context.ts'
import { FailureCard } from './failure-card.tsx'
import { FileMenu } from './file-menu.tsx'
import { GraphMenu } from './graph-menu.tsx'
import { KeyPicker } from './key-picker.tsx'
import { NodeSearch } from './node-search.tsx'
import { OptionPicker } from './option-picker.tsx'
import { PictureMenu } from './picture-menu.tsx'
import { RunMenu } from './run-menu.tsx'

/** Whatever is open over the page; one at a time. */
export function Popups() {
  const { store, canvas } = usePage()
  const popup = store.popup.value
  const close = useCallback(() => {
    store.popup.value = undefined
    canvas.focus()
  }, [store, canvas])
  if (!popup) return null
  switch (popup.kind) {
    case 'options':
      return <OptionPicker request={popup.request} onClose={close} />
    case 'keys':
      return <KeyPicker request={popup.request} onClose={close} />
    case 'menu':
      return <GraphMenu target={popup.target} at={popup.at} onClose={close} />
    case 'picture':
      return <PictureMenu item={popup.item} at={popup.at} onClose={close} />
    case 'file-menu':
      return <FileMenu at={popup.at} onClose={close} />
    case 'run-menu':
      return <RunMenu at={popup.at} onClose={close} />
    case 'search':
      return (
        <NodeSearch
          key={`${popup.at.x}/${popup.at.y}`}
          at={popup.at}
          place={popup.place}
          link={popup.link}
          onlyOutputs={popup.onlyOutputs ?? false}
          onClose={close}
        />
      )
    case 'failure':
      return <FailureCard nodeId={popup.nodeId} at={popup.at} onClose={close} />
  }
}
