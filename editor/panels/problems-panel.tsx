import { useEffect, useState } from 'preact/hooks'
import { activeRun, type Problem } from '../app/store.ts'
import { fromServer, language, linkOf, nodeTitle, t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Empty } from './empty.tsx'
import { LinkedText } from './linked-text.tsx'
import { MoreLink } from './more-link.tsx'
import { fixOf } from './problem-fixes.ts'

/** Everything that is wrong with the graph, and what the last run failed of; a press jumps to the node. */
export function ProblemsPanel() {
  const { store, canvas, actions } = usePage()
  const [isChecked, setChecked] = useState(false)
  const problems = store.problems.value
  const warnings = store.warnings.value
  const failures = failuresOf(store, canvas)
  useEffect(() => {
    if (!isChecked) return
    const timer = setTimeout(() => setChecked(false), 2_000)
    return () => clearTimeout(timer)
  }, [isChecked])
  const check = () => void actions.checkNow().then(() => setChecked(true))
  if (problems.length + warnings.length + failures.length === 0) {
    return (
      <div class="panel-body">
        <Empty
          text={isChecked ? t('problems.checked') : t('problems.empty')}
          action={t('problems.emptyAction')}
          onAct={check}
        />
      </div>
    )
  }
  return (
    <div class="panel-body">
      <ProblemList problems={problems} />
      {warnings.length > 0 && (
        <section>
          <h3>{t('problems.warnings')}</h3>
          <ProblemList problems={warnings} isMild />
        </section>
      )}
      {failures.length > 0 && (
        <section>
          <h3>{t('problems.lastRun')}</h3>
          <ProblemList problems={failures} />
        </section>
      )}
      <button type="button" class="button" onClick={check}>
        {isChecked ? t('problems.checkedNow') : t('problems.emptyAction')}
      </button>
    </div>
  )
}

function ProblemList({ problems, isMild = false }: { problems: readonly Problem[]; isMild?: boolean }) {
  return (
    <ul class={`list is-spaced ${isMild ? 'is-mild' : ''}`}>
      {problems.map((problem, at) => (
        <ProblemRow key={`${problem.nodeId}/${problem.code}/${problem.input}/${at}`} problem={problem} />
      ))}
    </ul>
  )
}

function ProblemRow({ problem }: { problem: Problem }) {
  const page = usePage()
  const { nodeId } = problem
  const run = activeRun(page.store)
  const isOfRun = nodeId !== undefined && run?.nodes[nodeId]?.error?.code === problem.code
  const fix = fixOf(page, problem)
  const hasAddress = problem.message.includes('://')
  return (
    <li class="problem">
      <button
        type="button"
        class="problem-jump"
        disabled={nodeId === undefined}
        onClick={() => nodeId !== undefined && page.canvas.reveal(nodeId)}
      >
        {nodeId !== undefined && (
          <span class="problem-node">
            {problem.nodeTitle} <small>#{nodeId}</small>
          </span>
        )}
        {!hasAddress && <span class="problem-text">{problem.message}</span>}
      </button>
      {/* An address is a link of its own, which a button cannot hold. */}
      {hasAddress && (
        <span class="problem-text">
          <LinkedText text={problem.message} />
        </span>
      )}
      {problem.hint && (
        <span class="problem-hint">
          <LinkedText text={problem.hint} />
        </span>
      )}
      {(fix || isOfRun || linkOf(problem.code, language.value) !== undefined) && (
        <div class="row">
          {fix && (
            <button type="button" class="button" onClick={fix.act}>
              {fix.label}
            </button>
          )}
          {isOfRun && (
            <button type="button" class="button" onClick={() => void page.actions.showRun(run.promptId)}>
              {t('failure.details')}
            </button>
          )}
          <MoreLink code={problem.code} />
        </div>
      )}
    </li>
  )
}

/** What the last run of this workflow failed of, as problems of its nodes; a node that is gone has none. */
function failuresOf(
  store: ReturnType<typeof usePage>['store'],
  canvas: ReturnType<typeof usePage>['canvas'],
): Problem[] {
  const run = activeRun(store)
  if (run?.status !== 'error') return []
  return Object.entries(run.nodes).flatMap(([nodeId, { error }]) => {
    const facts = canvas.node(nodeId)
    if (!error || !facts) return []
    return [
      {
        nodeId,
        nodeTitle: facts.title || (facts.nodeType ? nodeTitle(facts.nodeType) : facts.type),
        input: undefined,
        code: error.code,
        message: fromServer(error.message.split('\n')[0] ?? ''),
        hint: error.hint && fromServer(error.hint),
      },
    ]
  })
}
