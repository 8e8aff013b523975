import { useEffect, useRef, useState } from 'preact/hooks'
import { wordsOf } from '../app/tell.ts'
import { t, type WordKey } from '../i18n/index.ts'
import { usePage } from './context.ts'

type What = 'unlock' | 'encrypt' | 'decrypt'

/** How the stored keys lie on the server's disk: in the clear, encrypted, or encrypted and not yet unlocked. */
export function KeyLock() {
  const { store } = usePage()
  const { kind, isLocked } = store.keyProtection.value
  const [opened, setOpened] = useState<What>()
  const close = () => setOpened(undefined)
  if (isLocked && kind === 'key-file') return <p class="hint">{t('lock.byFile')}</p>
  if (isLocked) return <PassphraseForm what="unlock" onDone={close} />
  if (opened) return <PassphraseForm what={opened} onDone={close} />
  const offers: readonly What[] =
    kind === 'none' ? ['encrypt'] : kind === 'passphrase' ? ['encrypt', 'decrypt'] : []
  return (
    <div class="key-lock">
      {kind !== 'none' && <p class="hint">{t(`lock.is.${kind}` as WordKey)}</p>}
      <div class="row">
        {offers.map(what => (
          <button key={what} type="button" class="button" onClick={() => setOpened(what)}>
            {t(kind === 'none' || what === 'decrypt' ? (`lock.${what}` as WordKey) : 'lock.change')}
          </button>
        ))}
      </div>
    </div>
  )
}

function PassphraseForm({ what, onDone }: { what: What; onDone: () => void }) {
  const { store, keys } = usePage()
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  const isNew = what === 'encrypt'
  const { kind, isLocked } = store.keyProtection.value
  const isChange = isNew && kind !== 'none'
  const form = useRef<HTMLFormElement>(null)
  // Asked for by a press, it is where one goes on; locked keys ask by themselves.
  useEffect(() => {
    if (isLocked) return
    form.current?.scrollIntoView({ block: 'nearest' })
    form.current?.querySelector('input')?.focus({ preventScroll: true })
  }, [isLocked])
  return (
    <form
      ref={form}
      class="key-form"
      autocomplete="off"
      onSubmit={event => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        const passphrase = String(data.get('passphrase') ?? '')
        if (isNew && passphrase !== data.get('again')) return setError(t('lock.notSame'))
        setError('')
        setBusy(true)
        void keys
          .keyStore(what, passphrase, isChange ? String(data.get('current') ?? '') : undefined)
          .then(onDone, problem => setError(wordsOf(problem)))
          .finally(() => setBusy(false))
      }}
    >
      <p class="hint">{t(`lock.${what}Note` as WordKey)}</p>
      {isChange && (
        <label class="field-label">
          {t('lock.current')}
          <input class="field" name="current" type="password" required autocomplete="current-password" />
        </label>
      )}
      <label class="field-label">
        {t(isChange ? 'lock.new' : 'lock.passphrase')}
        <input
          class="field"
          name="passphrase"
          type="password"
          required
          minLength={isNew ? 8 : 1}
          autocomplete={isNew ? 'new-password' : 'off'}
        />
      </label>
      {isNew && (
        <label class="field-label">
          {t('lock.again')}
          <input class="field" name="again" type="password" required autocomplete="new-password" />
        </label>
      )}
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <div class="row">
        <button type="submit" class="button" disabled={isBusy}>
          {t(`lock.${what}` as WordKey)}
        </button>
        {!isLocked && (
          <button type="button" class="button" onClick={onDone}>
            {t('common.cancel')}
          </button>
        )}
      </div>
    </form>
  )
}
