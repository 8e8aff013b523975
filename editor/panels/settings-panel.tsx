import { type Language, language, t, type WordKey } from '../i18n/index.ts'
import type { ThemeChoice } from '../theme/apply-theme.ts'
import { usePage } from './context.ts'
import { KeySettings } from './key-settings.tsx'
import { LimitSettings } from './limit-settings.tsx'
import { ModelSettings } from './model-settings.tsx'
import { NotifySettings } from './notify-settings.tsx'

const themes: readonly ThemeChoice[] = ['system', 'dark', 'light']

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
      <ModelSettings />
      <LimitSettings />
      <NotifySettings />
      <h3>{t('settings.about')}</h3>
      <p class="hint">rh-bridge {store.health.value?.version}</p>
    </div>
  )
}
