import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'
import { Empty } from './empty.tsx'

/** Everything that is wrong with the graph; a press jumps to the node. */
export function ProblemsPanel() {
  const { store, canvas, actions } = usePage()
  const problems = store.problems.value
  if (problems.length === 0) {
    return (
      <div class="panel-body">
        <Empty
          text={store.wasChecked.value ? t('problems.checked') : t('problems.empty')}
          action={t('problems.emptyAction')}
          onAct={() => actions.checkNow()}
        />
      </div>
    )
  }
  return (
    <div class="panel-body">
      <ul class="list">
        {problems.map((problem, at) => (
          <li key={`${problem.nodeId}/${problem.code}/${at}`}>
            <button
              type="button"
              class="problem"
              disabled={problem.nodeId === undefined}
              onClick={() => problem.nodeId !== undefined && canvas.reveal(problem.nodeId)}
            >
              {problem.nodeId !== undefined && (
                <span class="problem-node">
                  {problem.nodeTitle} <small>#{problem.nodeId}</small>
                </span>
              )}
              <span class="problem-text">{problem.message}</span>
              {problem.hint && <span class="problem-hint">{problem.hint}</span>}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="button" onClick={() => actions.checkNow()}>
        {t('problems.emptyAction')}
      </button>
    </div>
  )
}
