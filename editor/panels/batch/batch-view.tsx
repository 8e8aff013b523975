import { ChevronDown, Download, Pause, Play, RotateCcw, Square, Trash2 } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { BatchRowState, BatchSummary } from '../../api/index.ts'
import { fromServer, t, type WordKey } from '../../i18n/index.ts'
import { leftText } from '../../state/index.ts'
import { usePage } from '../context.ts'
import { Floating } from '../floating.tsx'
import { IconButton } from '../icon-button.tsx'
import { RowsGrid } from './rows-grid.tsx'

const filters: readonly (BatchRowState | 'all')[] = ['all', 'done', 'failed', 'running', 'waiting']

/** A batch of the server: how far it is, what can be done with it, and its rows. */
export function BatchView({ batch }: { batch: BatchSummary }) {
  const [filter, setFilter] = useState<BatchRowState | 'all'>('all')
  return (
    <div class="batch-shown">
      <div class="batch-head">
        <Progress batch={batch} />
        <Commands batch={batch} />
      </div>
      {batch.why !== null && batch.state === 'paused' && (
        <p class="batch-why">{t('batch.pausedWhy', { why: whyText(batch.why) })}</p>
      )}
      <div class="batch-bar">
        <fieldset class="segments" aria-label={t('batch.filter')}>
          {filters.map(name => (
            <button key={name} type="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>
              {t(`batch.row.${name}` as WordKey)} <small>{name === 'all' ? batch.rows : batch[name]}</small>
            </button>
          ))}
        </fieldset>
        <span class="tool-space" />
        <Bounds batch={batch} />
      </div>
      <RowsGrid key={`${batch.id} ${filter}`} batch={batch} filter={filter} />
    </div>
  )
}

function Progress({ batch }: { batch: BatchSummary }) {
  const { rows, done, failed, running, coins, capCoins, leftMs, state } = batch
  const share = (count: number) => `${rows === 0 ? 0 : (count / rows) * 100}%`
  const left =
    leftMs && state === 'running'
      ? leftText({ from: leftMs.low, to: Math.max(1, leftMs.high) }, t)
      : undefined
  const spent = Math.round(coins * 100) / 100
  return (
    <div class="batch-progress">
      <div class="batch-facts">
        <span class={`batch-state is-${state}`}>{t(`batch.is.${state}` as WordKey)}</span>
        <span>{t('batch.doneOf', { done, rows })}</span>
        {running > 0 && (
          <span class="row-sign is-running">{t('batch.runningCount', { count: running })}</span>
        )}
        {failed > 0 && <span class="row-sign is-failed">{t('batch.failedCount', { count: failed })}</span>}
        {left && <span>{left}</span>}
        <span>
          {capCoins === undefined
            ? t('batch.coinsSo', { coins: spent })
            : t('batch.coinsOf', { coins: spent, cap: capCoins })}
        </span>
      </div>
      <div
        class="batch-meter"
        role="progressbar"
        aria-label={t('batch.progress')}
        aria-valuemin={0}
        aria-valuemax={rows}
        aria-valuenow={done + failed}
      >
        <span class="is-done" style={{ width: share(done) }} />
        <span class="is-failed" style={{ width: share(failed) }} />
        <span class="is-running" style={{ width: share(running) }} />
      </div>
    </div>
  )
}

function Commands({ batch }: { batch: BatchSummary }) {
  const { batches } = usePage()
  const [menu, setMenu] = useState<{ x: number; y: number }>()
  const { id, state, failed, waiting } = batch
  const isRunning = state === 'running'
  return (
    <div class="batch-commands">
      {isRunning ? (
        <button
          type="button"
          class="button"
          title={t('batch.pauseTitle')}
          onClick={() => void batches.command(id, 'pause')}
        >
          <Pause size={14} aria-hidden="true" /> {t('batch.pause')}
        </button>
      ) : (
        waiting > 0 && (
          <button type="button" class="button is-main" onClick={() => void batches.command(id, 'resume')}>
            <Play size={14} aria-hidden="true" />{' '}
            {state === 'ready' ? t('batch.startNow') : t('batch.resume')}
          </button>
        )
      )}
      {isRunning && (
        <button
          type="button"
          class="button"
          title={t('batch.stopTitle')}
          onClick={() => void batches.command(id, 'stop')}
        >
          <Square size={13} aria-hidden="true" /> {t('batch.stop')}
        </button>
      )}
      {failed > 0 && (
        <button type="button" class="button" onClick={() => void batches.command(id, 'retry')}>
          <RotateCcw size={14} aria-hidden="true" /> {t('batch.retry', { count: failed })}
        </button>
      )}
      <button
        type="button"
        class="button"
        aria-haspopup="dialog"
        onClick={event => {
          const box = event.currentTarget.getBoundingClientRect()
          setMenu({ x: box.right - 230, y: box.bottom + 4 })
        }}
      >
        <Download size={14} aria-hidden="true" /> {t('batch.download')}{' '}
        <ChevronDown size={14} aria-hidden="true" />
      </button>
      <IconButton
        icon={Trash2}
        label={t('batch.remove')}
        onClick={() => void batches.remove(id, batch.title)}
      />
      {menu && <Downloads batch={batch} at={menu} onClose={() => setMenu(undefined)} />}
    </div>
  )
}

const files = ['results.csv', 'failed.csv', 'sheet.html', 'sheet.png'] as const

function Downloads(props: { batch: BatchSummary; at: { x: number; y: number }; onClose: () => void }) {
  const { api } = usePage()
  const { batch, at, onClose } = props
  const base = batch.title.replace(/[\\/:*?"<>|]/g, ' ')
  return (
    <Floating at={at} label={t('batch.download')} class="menu downloads" onClose={onClose}>
      {files.map((name, place) => (
        <a
          key={name}
          href={api.batchFileUrl(batch.id, name)}
          download={`${base} ${name}`}
          {...(place === 0 && { 'data-first': true })}
          onClick={onClose}
        >
          {t(`batch.file.${name}` as WordKey)}
        </a>
      ))}
    </Floating>
  )
}

/** Both hold from the next start on; a higher cap is how a batch that reached it goes on. */
function Bounds({ batch }: { batch: BatchSummary }) {
  const { batches } = usePage()
  const { id, parallel, capCoins } = batch
  return (
    <div class="batch-bounds">
      <label>
        {t('batch.parallel')}
        <input
          key={parallel}
          class="field"
          type="number"
          min={1}
          max={100}
          defaultValue={String(parallel)}
          disabled={batch.state === 'running'}
          onChange={event => {
            const count = Math.round(event.currentTarget.valueAsNumber)
            if (count >= 1 && count <= 100) void batches.changeBatch(id, { parallel: count })
          }}
        />
      </label>
      <label>
        {t('batch.cap')}
        <input
          key={capCoins}
          class="field"
          type="number"
          min={0}
          step="any"
          placeholder={t('batch.noCap')}
          defaultValue={capCoins === undefined ? '' : String(capCoins)}
          disabled={batch.state === 'running'}
          onChange={event => {
            const coins = event.currentTarget.valueAsNumber
            void batches.changeBatch(id, { capCoins: coins > 0 ? coins : null })
          }}
        />
      </label>
    </div>
  )
}

function whyText(why: string): string {
  if (why === 'paused') return t('batch.whyPaused')
  if (why === 'stopped') return t('batch.whyStopped')
  return fromServer(why)
}
