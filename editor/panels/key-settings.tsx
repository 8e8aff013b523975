import { Check, Pencil, PlugZap, Trash2, X } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { StoredKey } from '../api/index.ts'
import type { Keys } from '../app/keys.ts'
import { wordsOf } from '../app/tell.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'
import { KeyLock } from './key-lock.tsx'

const sites = ['https://www.runninghub.cn', 'https://www.runninghub.ai']

/** The stored keys by name: try, rename, choose the default, forget, add. A key itself is typed here once and never shown. */
export function KeySettings() {
  const { store } = usePage()
  const keys = store.keys.value
  const used = store.health.value?.keyName
  const outside = used && !keys.some(key => key.name === used) ? used : undefined
  const { isLocked } = store.keyProtection.value
  return (
    <section>
      <h3>{t('settings.keys')}</h3>
      {keys.length === 0 && !outside && !isLocked && <p class="hint">{t('settings.keysEmpty')}</p>}
      {outside && <OutsideKey name={outside} />}
      <ul class="list is-spaced">
        {keys.map(key => (
          <KeyRow key={key.name} stored={key} />
        ))}
      </ul>
      {!isLocked && <NewKey />}
      <KeyLock />
    </section>
  )
}

/** A key that was said at the server's start goes before every stored one. */
function OutsideKey({ name }: { name: string }) {
  const [said, setSaid] = useState<Said>()
  return (
    <div class="key-row">
      <div class="list-row">
        <span class="list-main" title={name}>
          {name}
        </span>
        <TestButton name={name} onSaid={setSaid} />
      </div>
      <p class="hint">{t('settings.keyOutside')}</p>
      <SaidLine said={said} />
    </div>
  )
}

type Said = Awaited<ReturnType<Keys['test']>>

function TestButton({ name, onSaid }: { name: string; onSaid: (said: Said) => void }) {
  const { keys } = usePage()
  return (
    <IconButton
      icon={PlugZap}
      label={t('settings.keyTest', { name })}
      onClick={() => {
        onSaid({ isGood: true, text: t('settings.keyTesting') })
        void keys.test(name).then(onSaid)
      }}
    />
  )
}

function SaidLine({ said }: { said: Said | undefined }) {
  if (!said) return null
  return (
    <p class={said.isGood ? 'hint' : 'form-error'} role="status">
      {said.text}
    </p>
  )
}

function KeyRow({ stored }: { stored: StoredKey }) {
  const { keys } = usePage()
  const { name, lastFour, baseUrl, isDefault } = stored
  const [isNaming, setNaming] = useState(false)
  const [said, setSaid] = useState<Said>()
  return (
    <li class="key-row">
      {isNaming ? (
        <NameForm
          stored={stored}
          onDone={() => setNaming(false)}
          onWrong={text => setSaid({ isGood: false, text })}
        />
      ) : (
        <div class="list-row">
          <span class="list-main" title={name}>
            {name} <small>{lastFour}</small>
          </span>
          <TestButton name={name} onSaid={setSaid} />
          <IconButton
            icon={Pencil}
            label={t('settings.keyRename', { name })}
            onClick={() => setNaming(true)}
          />
          <IconButton
            icon={Trash2}
            label={t('settings.keyRemove', { name })}
            onClick={() => void keys.remove(name)}
          />
        </div>
      )}
      <label class="check">
        <input
          type="radio"
          name="default-key"
          checked={isDefault}
          onChange={() => void keys.makeDefault(name)}
        />
        {t('settings.keyDefault')}
        {baseUrl !== null && <small>{baseUrl.replace(/^https?:\/\/(www\.)?/, '')}</small>}
      </label>
      <SaidLine said={said} />
    </li>
  )
}

function NameForm(props: { stored: StoredKey; onDone: () => void; onWrong: (text: string) => void }) {
  const { keys } = usePage()
  const { name } = props.stored
  const [text, setText] = useState(name)
  return (
    <form
      class="list-row"
      onSubmit={event => {
        event.preventDefault()
        if (text.trim() === name) return props.onDone()
        void keys.rename(name, text.trim()).then(props.onDone, error => props.onWrong(wordsOf(error)))
      }}
    >
      <input
        class="field"
        aria-label={t('settings.keyName')}
        value={text}
        required
        maxLength={60}
        pattern="[^<>]+"
        ref={field => field?.focus()}
        onInput={event => setText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') props.onDone()
        }}
      />
      <button type="submit" class="icon-button" aria-label={t('file.rename')} title={t('file.rename')}>
        <Check size={15} aria-hidden="true" />
      </button>
      <IconButton icon={X} label={t('common.cancel')} onClick={props.onDone} />
    </form>
  )
}

function NewKey() {
  const { keys } = usePage()
  const [said, setSaid] = useState<Said>()
  return (
    <form
      class="key-form"
      autocomplete="off"
      onSubmit={event => {
        event.preventDefault()
        const form = event.currentTarget
        const data = new FormData(form)
        const text = (name: string) => String(data.get(name) ?? '').trim()
        setSaid({ isGood: true, text: t('settings.keyTesting') })
        const site = text('site')
        const key = {
          name: text('name'),
          key: text('key'),
          ...(site !== '' && { baseUrl: site }),
          makeDefault: data.get('default') !== null,
        }
        void keys.add(key).then(
          async () => {
            form.reset()
            setSaid(await keys.test(key.name))
          },
          problem => setSaid({ isGood: false, text: wordsOf(problem) }),
        )
      }}
    >
      <label class="field-label">
        {t('settings.keyName')}
        <input class="field" name="name" required maxLength={60} autocomplete="off" />
      </label>
      <label class="field-label">
        {t('settings.keyText')}
        <input class="field" name="key" type="password" required minLength={8} autocomplete="new-password" />
      </label>
      <label class="field-label">
        {t('settings.keySite')}
        <select class="field" name="site">
          <option value="">{t('settings.keySiteFind')}</option>
          {sites.map(site => (
            <option key={site} value={site}>
              {site.replace('https://www.', '')}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" name="default" checked />
        {t('settings.keyMakeDefault')}
      </label>
      <button type="submit" class="button">
        {t('settings.keyAdd')}
      </button>
      <SaidLine said={said} />
      <p class="hint">{t('settings.keyNote')}</p>
    </form>
  )
}
