import { ChevronDown, Play, Plus, Square, X } from 'lucide-preact'
import { useEffect, useRef } from 'preact/hooks'
import { balanceText } from '../app/keys.ts'
import { activeRun, isUnsaved } from '../app/store.ts'
import { t } from '../i18n/index.ts'
import { isOver, priceSource, priceText, shareOf } from '../state/index.ts'
import { usePage } from './context.ts'
import { IconButton } from './icon-button.tsx'

export function TopBar() {
  return (
    <header class="top-bar">
      <FileMenuButton />
      <Tabs />
      <ModeBadge />
      <AccountChip />
      <PriceChip />
      <RunButtons />
    </header>
  )
}

function FileMenuButton() {
  const { store } = usePage()
  return (
    <button
      type="button"
      class="brand"
      aria-label={`rh-bridge · ${t('file.menu')}`}
      aria-haspopup="menu"
      title={t('file.menu')}
      onClick={event => {
        const box = event.currentTarget.getBoundingClientRect()
        store.popup.value = { kind: 'file-menu', at: { x: box.left, y: box.bottom + 4 } }
      }}
    >
      <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <path
          d="M7 20h18M9 20c0-9 14-9 14 0"
          fill="none"
          stroke="#fff"
          stroke-width="3"
          stroke-linecap="round"
        />
      </svg>
      <span class="brand-name">rh-bridge</span>
      <ChevronDown size={14} aria-hidden="true" />
    </button>
  )
}

function Tabs() {
  const { store, documents, actions, files } = usePage()
  const strip = useRef<HTMLElement>(null)
  const active = store.active.value
  // Whichever became the active one is brought into view, and stays there when what stands beside the tabs takes room.
  useEffect(() => {
    const { current } = strip
    if (!current) return
    const show = () =>
      current.querySelector('.is-active')?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
    show()
    const watch = new ResizeObserver(show)
    watch.observe(current)
    return () => watch.disconnect()
  }, [active])
  return (
    <div class="tabs">
      <nav class="tab-strip" aria-label={t('tabs.label')} ref={strip}>
        {store.documents.value.map(document => {
          const unsaved = isUnsaved(document)
          const isActive = document.key === active
          return (
            <div key={document.key} class={`tab ${isActive ? 'is-active' : ''}`}>
              <button
                type="button"
                class="tab-name"
                title={document.name}
                aria-current={isActive ? 'page' : undefined}
                aria-label={unsaved ? t('tabs.unsaved', { name: document.name }) : document.name}
                onClick={() => documents.activate(document.key)}
                onAuxClick={event => event.button === 1 && void actions.closeTab(document.key)}
              >
                <span class="tab-text">{document.name}</span>
                {unsaved && <span class="unsaved-dot" aria-hidden="true" />}
              </button>
              <button
                type="button"
                class="tab-close"
                aria-label={t('tabs.close', { name: document.name })}
                onClick={() => void actions.closeTab(document.key)}
              >
                <X size={13} aria-hidden="true" />
              </button>
            </div>
          )
        })}
      </nav>
      <IconButton icon={Plus} label={t('tabs.new')} onClick={() => files.newWorkflow()} class="tab-new" />
    </div>
  )
}

function ModeBadge() {
  const { store, actions } = usePage()
  const health = store.health.value
  if (!health) return null
  const isSandbox = health.mode === 'sandbox'
  if (health.keysLocked && health.keyName === null && !isSandbox) {
    return (
      <button
        type="button"
        class="mode-badge is-locked"
        title={t('lock.banner')}
        onClick={() => actions.openPanel('settings')}
      >
        {t('lock.badge')}
      </button>
    )
  }
  return (
    <button
      type="button"
      class={`mode-badge ${isSandbox ? 'is-sandbox' : ''}`}
      title={isSandbox ? t('mode.sandboxTitle') : t('mode.cloudTitle', { site: health.site })}
      onClick={() => actions.openPanel('settings')}
    >
      {isSandbox ? (
        t('mode.sandbox')
      ) : (
        <>
          {health.keyName ?? t('mode.ownKeys')}
          <span class="mode-site"> · {siteName(health.site)}</span>
        </>
      )}
    </button>
  )
}

/** Balance and slots of the key in use, as its site last said. The sandbox has none worth showing. */
function AccountChip() {
  const { store, keys } = usePage()
  const account = store.account.value
  if (!account) return null
  if ('problem' in account) {
    return (
      <button
        type="button"
        class="account-chip is-bad"
        title={account.problem}
        onClick={() => void keys.look()}
      >
        {t('account.unknown')}
      </button>
    )
  }
  const { running, limit, isLow } = account.facts
  const parts = [
    balanceText(account.facts),
    limit === null ? '' : t('account.slots', { running: running ?? 0, limit }),
  ].filter(Boolean)
  if (parts.length === 0) return null
  return (
    <button
      type="button"
      class={`account-chip ${isLow ? 'is-bad' : ''}`}
      title={`${isLow ? `${t('account.lowTitle')} ` : ''}${t('account.refresh')}`}
      onClick={() => void keys.look()}
    >
      {parts.join(' · ')}
      {isLow && ` · ${t('account.isLow')}`}
    </button>
  )
}

/** What a run will cost, with where that is known from. The sandbox is free: there, what is not known is not missed. */
function PriceChip() {
  const { store, actions } = usePage()
  const price = store.price.value
  const text = price && priceText(price, t)
  const isKnown = price !== undefined && price.source.kind !== 'unknown'
  if (text === undefined || (!isKnown && store.health.value?.mode === 'sandbox')) return null
  const source = t(...priceSource(price))
  return (
    <button
      type="button"
      class="account-chip price-chip"
      title={`${source} · ${t('panel.costs')}`}
      onClick={() => actions.openPanel('costs')}
    >
      {text}
    </button>
  )
}

function siteName(site: string): string {
  return site.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '')
}

function RunButtons() {
  const { store, actions } = usePage()
  const run = activeRun(store)
  const isRunning = run !== undefined && !isOver(run)
  const share = isRunning ? Math.round(shareOf(run) * 100) : 0
  return (
    <div class="run-buttons">
      <div class="run-split">
        <button
          type="button"
          class="run-button"
          title={`${t('run.run')} (Ctrl+Enter)`}
          disabled={!store.isReady.value}
          onClick={() => void actions.run()}
        >
          <span class="run-share" style={{ width: `${share}%` }} aria-hidden="true" />
          <Play size={15} aria-hidden="true" />
          <span>
            {!isRunning
              ? t('run.run')
              : run.status === 'queued'
                ? t('run.sent')
                : t('run.running', { share })}
          </span>
        </button>
        <button
          type="button"
          class="run-more"
          aria-label={t('run.more')}
          aria-haspopup="menu"
          onClick={event => {
            const box = event.currentTarget.getBoundingClientRect()
            store.popup.value = { kind: 'run-menu', at: { x: box.right - 230, y: box.bottom + 4 } }
          }}
        >
          <ChevronDown size={15} aria-hidden="true" />
        </button>
      </div>
      <button
        type="button"
        class="stop-button"
        title={`${t('run.stopTitle')} (Ctrl+Alt+Enter)`}
        disabled={!isRunning && store.queueRemaining.value === 0}
        onClick={() => actions.stop()}
      >
        <Square size={13} aria-hidden="true" />
        <span>{t('run.stop')}</span>
      </button>
    </div>
  )
}
