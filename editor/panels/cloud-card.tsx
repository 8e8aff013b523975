import { useState } from 'preact/hooks'
import type { CloudDescription } from '../api/index.ts'
import { fieldsWith } from '../app/cloud.ts'
import type { CloudFound } from '../app/store.ts'
import { language, t, type WordKey } from '../i18n/index.ts'
import { type CloudField, fieldKey, fieldTitle, isUsual } from '../node-types/index.ts'
import { usePage } from './context.ts'
import { Modal } from './modal.tsx'

/** What a link or id stands for, and which of its fields are wanted as inputs. */
export function CloudCard({ found, onClose }: { found: CloudFound; onClose: () => void }) {
  const [at, setAt] = useState(0)
  const target = found.found[at]
  if (!target) return null
  return (
    <Modal label={target.name || target.id} onClose={onClose} class="is-medium">
      {found.found.length > 1 && (
        <fieldset class="cloud-kinds">
          <legend>{t('cloud.both')}</legend>
          {found.found.map(({ kind, name }, index) => (
            <label key={kind} class="check">
              <input type="radio" name="kind" checked={index === at} onChange={() => setAt(index)} />
              {kindWord(kind)}
              {name !== '' && ` · ${name}`}
            </label>
          ))}
        </fieldset>
      )}
      <Target key={target.kind} target={target} found={found} onClose={onClose} />
    </Modal>
  )
}

function Target(props: { target: CloudDescription; found: CloudFound; onClose: () => void }) {
  const { target, found, onClose } = props
  const { actions } = usePage()
  const fields = fieldsWith(target, found.items)
  const given = new Set(found.items.map(fieldKey))
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(fields.filter(field => isUsual(field) || given.has(fieldKey(field))).map(fieldKey)),
  )
  const isAll = fields.length > 0 && chosen.size === fields.length
  const choose = (key: string, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(key)
    else next.delete(key)
    setChosen(next)
  }
  const add = (shape: 'node' | 'chain') => {
    onClose()
    const wanted = fields.filter(field => chosen.has(fieldKey(field)))
    actions.addCloud({ ...target, linkSite: found.site }, wanted, shape, found.at)
  }
  return (
    <>
      <div class="cloud-head">
        {target.cover !== undefined && (
          <img class="cloud-cover" src={target.cover} alt="" referrerpolicy="no-referrer" />
        )}
        <div>
          <h2>{target.name || target.id}</h2>
          <p class="hint">
            {kindWord(target.kind)} · {target.id} · {siteWord(target.site)}
          </p>
          {target.isProtected && <p class="hint">{t('cloud.protected')}</p>}
        </div>
      </div>
      {fields.length === 0 ? (
        <p>{target.isOpen ? t('cloud.open') : t('cloud.noFields')}</p>
      ) : (
        <fieldset class="cloud-fields">
          <legend>{t('cloud.fields')}</legend>
          <label class="check">
            <input
              type="checkbox"
              checked={isAll}
              onChange={() => setChosen(new Set(isAll ? [] : fields.map(fieldKey)))}
            />
            {t('cloud.all', { count: fields.length })}
          </label>
          <ul class="list">
            {fields.map(field => (
              <FieldRow
                key={fieldKey(field)}
                field={field}
                isChosen={chosen.has(fieldKey(field))}
                onChange={isChosen => choose(fieldKey(field), isChosen)}
              />
            ))}
          </ul>
        </fieldset>
      )}
      <div class="row is-end">
        <button type="button" class="button" onClick={onClose}>
          {t('common.cancel')}
        </button>
        <button type="button" class="button" onClick={() => add('chain')}>
          {t('cloud.addChain')}
        </button>
        <button type="button" class="button is-main" onClick={() => add('node')}>
          {t('cloud.addNode')}
        </button>
      </div>
    </>
  )
}

function FieldRow(props: { field: CloudField; isChosen: boolean; onChange: (isChosen: boolean) => void }) {
  const { field } = props
  return (
    <li>
      <label class="check cloud-field">
        <input
          type="checkbox"
          checked={props.isChosen}
          onChange={event => props.onChange(event.currentTarget.checked)}
        />
        <span class="cloud-field-name" title={fieldKey(field)}>
          {fieldTitle(field, language.value)}
          <small> {fieldKey(field)}</small>
        </span>
        <span class="cloud-field-value" title={String(field.value)}>
          {String(field.value)}
        </span>
        <small class="cloud-field-kind">{t(`cloud.kind.${kindOf(field.kind)}` as WordKey)}</small>
      </label>
    </li>
  )
}

const kinds = ['text', 'int', 'float', 'seed', 'toggle', 'options', 'image', 'audio', 'video', 'file', 'lora']
const kindOf = (kind: string) => (kinds.includes(kind) ? kind : 'text')
const kindWord = (kind: 'workflow' | 'app') => t(kind === 'app' ? 'cloud.app' : 'cloud.workflow')

function siteWord(site: string): string {
  return URL.canParse(site) ? new URL(site).host.replace(/^www\./, '') : site
}
