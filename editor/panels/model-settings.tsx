import { Trash2 } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Registry, RegistryReport } from '../api/index.ts'
import { wordsOf } from '../app/tell.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

/** So many entries that could not be read are told one by one. */
const mostTold = 8

/** Registries of standard models: those that are there, and adding one by file or address. */
export function ModelSettings() {
  const { store, models } = usePage()
  const [report, setReport] = useState<RegistryReport>()
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  useEffect(() => void models.refresh(), [models])
  const add = async (source: File | string): Promise<boolean> => {
    setReport(undefined)
    setError('')
    setBusy(true)
    try {
      setReport(await models.add(source))
      return true
    } catch (problem) {
      setError(wordsOf(problem))
      return false
    } finally {
      setBusy(false)
    }
  }
  return (
    <section>
      <h3>{t('models.title')}</h3>
      <p class="hint">{t('models.note')}</p>
      <ul class="list is-spaced">
        {store.registries.value.map(registry => (
          <RegistryRow key={registry.name} registry={registry} />
        ))}
      </ul>
      <AddForm isBusy={isBusy} onAdd={add} />
      {report && <ReportText report={report} />}
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
    </section>
  )
}

function RegistryRow({ registry: { name, models, problems, refusal } }: { registry: Registry }) {
  const page = usePage()
  const isShipped = name === 'shipped'
  const skipped = problems.filter(problem => problem.skipped).length
  return (
    <li class="list-row">
      <span class="list-main" title={refusal ?? name}>
        {isShipped ? t('models.shipped') : name}{' '}
        <small>
          {refusal ?? t('models.count', { count: models })}
          {skipped > 0 && ` · ${t('models.skipped', { count: skipped })}`}
        </small>
      </span>
      {!isShipped && (
        <IconButton
          icon={Trash2}
          label={t('models.remove', { name })}
          onClick={() => void page.models.remove(name)}
        />
      )}
    </li>
  )
}

function AddForm(props: { isBusy: boolean; onAdd: (source: File | string) => Promise<boolean> }) {
  const picker = useRef<HTMLInputElement>(null)
  return (
    <form
      class="key-form"
      autocomplete="off"
      onSubmit={event => {
        event.preventDefault()
        const form = event.currentTarget
        const url = String(new FormData(form).get('url') ?? '').trim()
        if (url === '') picker.current?.click()
        else void props.onAdd(url).then(isDone => isDone && form.reset())
      }}
    >
      <label class="field-label">
        {t('models.url')}
        <input class="field" name="url" placeholder="https://" />
      </label>
      <input
        ref={picker}
        type="file"
        accept=".json,application/json"
        aria-label={t('models.file')}
        hidden
        onChange={event => {
          const field = event.currentTarget
          const [file] = field.files ?? []
          field.value = ''
          if (file) void props.onAdd(file)
        }}
      />
      <button type="submit" class="button" disabled={props.isBusy}>
        {props.isBusy ? t('models.reading') : t('models.add')}
      </button>
    </form>
  )
}

function ReportText({ report }: { report: RegistryReport }) {
  const skipped = report.problems.filter(problem => problem.skipped)
  return (
    <div role="status">
      <p class="hint">{t('models.added', { name: report.name, count: report.models })}</p>
      {report.clashes.length > 0 && (
        <p class="hint">{t('models.clashes', { types: report.clashes.join(', ') })}</p>
      )}
      {skipped.length > 0 && (
        <ul class="list">
          {skipped.slice(0, mostTold).map(({ index, name, message }) => (
            <li key={index} class="hint">
              {index + 1}. {name}: {message}
            </li>
          ))}
          {skipped.length > mostTold && (
            <li class="hint">{t('models.skipped', { count: skipped.length })}</li>
          )}
        </ul>
      )}
    </div>
  )
}
