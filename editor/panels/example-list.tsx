import { useEffect } from 'preact/hooks'
import { language } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** The examples with their pictures. */
export function ExampleList({ onOpened }: { onOpened?: () => void }) {
  const { store, api, files, actions } = usePage()
  const examples = store.examples.value
  useEffect(() => {
    if (examples.length === 0) void actions.refreshExamples()
  }, [examples.length, actions])
  const isChinese = language.value === 'zh'
  return (
    <ul class="examples">
      {examples.map(example => (
        <li key={example.name}>
          <button
            type="button"
            class="example"
            onClick={() => {
              onOpened?.()
              void files.openExample(example.name)
            }}
          >
            <img
              src={api.examplePicture(example.name)}
              alt=""
              loading="lazy"
              onError={event => {
                event.currentTarget.style.visibility = 'hidden'
              }}
            />
            <span class="example-title">{isChinese ? example.titleZh : example.title}</span>
            <span class="example-line">{isChinese ? example.descriptionZh : example.description}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
