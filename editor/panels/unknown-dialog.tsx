import { useState } from 'preact/hooks'
import type { Question } from '../api/index.ts'
import type { Decision } from '../app/questions.ts'
import { fromServer, t } from '../i18n/index.ts'
import { usualCost } from '../state/index.ts'
import { usePage } from './context.ts'
import { Modal } from './modal.tsx'
import { whenText } from './when.ts'

/** A create whose answer was lost: what happened, and the three ways on with what each may cost. */
export function UnknownDialog({ seq, onClose }: { seq: number; onClose: () => void }) {
  const { store, questions } = usePage()
  const [taskId, setTaskId] = useState('')
  const question = store.questions.value.find(candidate => candidate.seq === seq)
  const decide = async (decision: Decision) => {
    if (await questions.decide(seq, decision)) onClose()
  }
  return (
    <Modal label={t('unknown.title')} onClose={onClose} class="is-medium">
      <h2>{t('unknown.title')}</h2>
      {question ? (
        <>
          <Facts question={question} />
          <form
            class="choice"
            onSubmit={event => {
              event.preventDefault()
              void decide({ choice: 'adopt', taskId: taskId.trim() })
            }}
          >
            <h3>{t('unknown.adopt')}</h3>
            <p>{t('unknown.adoptLine', { time: whenText(question.createdAt) })}</p>
            <div class="row">
              <input
                class="field is-id"
                inputMode="numeric"
                pattern="\s*[0-9]{1,20}\s*"
                required
                placeholder={t('unknown.taskId')}
                aria-label={t('unknown.taskId')}
                value={taskId}
                onInput={event => setTaskId(event.currentTarget.value)}
              />
              <button type="submit" class="button is-main">
                {t('unknown.adoptDo')}
              </button>
            </div>
          </form>
          <section class="choice">
            <h3>{t('unknown.again')}</h3>
            <p>{priceLine(store, question)}</p>
            <button type="button" class="button" onClick={() => void decide({ choice: 'resubmit' })}>
              {t('unknown.againDo')}
            </button>
          </section>
          <section class="choice">
            <h3>{t('unknown.giveUp')}</h3>
            <p>{t('unknown.giveUpLine')}</p>
            <button type="button" class="button" onClick={() => void decide({ choice: 'give-up' })}>
              {t('unknown.giveUpDo')}
            </button>
          </section>
        </>
      ) : (
        <p>{t('unknown.settled')}</p>
      )}
      <div class="row is-end">
        <button type="button" class="button" onClick={onClose}>
          {question ? t('unknown.later') : t('common.close')}
        </button>
      </div>
    </Modal>
  )
}

function Facts({ question }: { question: Question }) {
  const { site, keyName, targetId, nodeId, createdAt, what } = question
  const isCloud = site.startsWith('https://')
  return (
    <>
      <p>{t('unknown.line')}</p>
      <dl class="facts">
        <dt>{t('unknown.node')}</dt>
        <dd>#{nodeId}</dd>
        <dt>{t('unknown.target')}</dt>
        <dd>
          <code>{targetId}</code>
        </dd>
        <dt>{t('unknown.sent')}</dt>
        <dd>{whenText(createdAt)}</dd>
        <dt>{t('unknown.key')}</dt>
        <dd>{keyName}</dd>
        <dt>{t('unknown.heard')}</dt>
        <dd class="breaking">{fromServer(what)}</dd>
      </dl>
      {isCloud && (
        <p>
          <a class="link-button" href={`${site}/call-api/call-record`} target="_blank" rel="noreferrer">
            {t('unknown.records')}
          </a>
        </p>
      )}
    </>
  )
}

/** What being wrong costs, as far as earlier runs tell. */
function priceLine(store: ReturnType<typeof usePage>['store'], { runId, nodeId }: Question): string {
  const runs = store.runList.value
  const shape = runs.find(run => run.id === runId)?.shape
  const known = usualCost(nodeId, shape, runs)
  if (known?.coins) return t('unknown.againCoins', { coins: known.coins })
  if (known?.money) return t('unknown.againMoney', { money: known.money })
  return t('unknown.againLine')
}
