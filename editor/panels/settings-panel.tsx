import { Trash2 } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { wordsOf } from '../app/tell.ts'
import { type Language, language, t, type WordKey } from '../i18n/index.ts'
import type { ThemeChoice } from '../theme/apply-theme.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

const themes: readonly ThemeChoice[] = ['system', 'dark', 'light']
const sites = ['https://www.runninghub.cn', 'https://www.runninghub.ai']

export function SettingsPanel() {
  const { store } = usePage()
  return (
    <div class="panel-body settings">
      <KeySettings />
      <label class="field-label">
        {t('settings.language')}
        <select
          class="field"
          value={language.value}
          onChange={event => {
            language.value = event.currentTarget.value as Language
          }}
        >
          <option value="en">English</option>
          <option value="zh">中文</option>
        </select>
      </label>
      <label class="field-label">
        {t('settings.theme')}
        <select
          class="field"
          value={store.theme.value}
          onChange={event => {
            store.theme.value = event.currentTarget.value as ThemeChoice
          }}
        >
          {themes.map(name => (
            <option key={name} value={name}>
              {t(`settings.theme.${name}` as WordKey)}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>{t('settings.notify')}</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={store.notifyShow.value}
            onChange={event => {
              store.notifyShow.value = event.currentTarget.checked
              if (event.currentTarget.checked && 'Notification' in window)
                void Notification.requestPermission()
            }}
          />
          {t('settings.notifyShow')}
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={store.notifySound.value}
            onChange={event => {
              store.notifySound.value = event.currentTarget.checked
            }}
          />
          {t('settings.notifySound')}
        </label>
      </fieldset>
      <h3>{t('settings.about')}</h3>
      <p class="hint">rh-bridge {store.health.value?.version}</p>
    </div>
  )
}

function KeySettings() {
  const { store, actions, tell } = usePage()
  const [error, setError] = useState('')
  const keys = store.keys.value
  return (
    <section>
      <h3>{t('settings.keys')}</h3>
      {keys.length === 0 && <p class="hint">{t('settings.keysEmpty')}</p>}
      <ul class="list">
        {keys.map(key => (
          <li key={key.name} class="list-row">
            <span class="list-main">
              {key.name} <small>{key.lastFour}</small>
              {key.isDefault && <small class="tag">{t('settings.keyDefault')}</small>}
            </span>
            <IconButton
              icon={Trash2}
              label={t('settings.keyRemove', { name: key.name })}
              onClick={() => void actions.removeKey(key.name)}
            />
          </li>
        ))}
      </ul>
      <form
        class="key-form"
        autocomplete="off"
        onSubmit={event => {
          event.preventDefault()
          const form = event.currentTarget
          const data = new FormData(form)
          const text = (name: string) => String(data.get(name) ?? '').trim()
          setError('')
          void actions
            .addKey({
              name: text('name'),
              key: text('key'),
              baseUrl: text('site'),
              makeDefault: data.get('default') !== null,
            })
            .then(
              () => form.reset(),
              (problem: unknown) => {
                setError(wordsOf(problem))
                tell.complain(problem)
              },
            )
        }}
      >
        <label class="field-label">
          {t('settings.keyName')}
          <input class="field" name="name" required maxLength={60} autocomplete="off" />
        </label>
        <label class="field-label">
          {t('settings.keyText')}
          <input
            class="field"
            name="key"
            type="password"
            required
            minLength={8}
            autocomplete="new-password"
          />
        </label>
        <label class="field-label">
          {t('settings.keySite')}
          <select class="field" name="site">
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
        {error !== '' && (
          <p class="form-error" role="alert">
            {error}
          </p>
        )}
        <p class="hint">{t('settings.keyNote')}</p>
      </form>
    </section>
  )
}
