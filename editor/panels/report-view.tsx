import type { ImportReport, StoredKey } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** What of a file was not understood, and where its keys went. */
export function ReportView(props: {
  report: ImportReport
  keys: readonly StoredKey[]
  name: string
  onClose: () => void
}) {
  const { actions, canvas } = usePage()
  const { unknown, aliases, brokenLinks, notices } = props.report
  const { keys } = props
  const isAlarming = unknown.length + brokenLinks.length > 0
  return (
    <div class="report">
      <h2>{isAlarming ? t('report.title') : props.name}</h2>
      {keys.length > 0 && (
        <section class="report-keys">
          <p>
            {t('report.keys', {
              names: keys.map(key => `${key.name} (${key.lastFour})`).join(', '),
            })}
          </p>
          <button
            type="button"
            class="button"
            onClick={() => {
              for (const { name } of keys) {
                canvas.clearKey(name)
                void actions.removeKey(name)
              }
              props.onClose()
            }}
          >
            {t('report.dropKey')}
          </button>
        </section>
      )}
      {unknown.length > 0 && (
        <section>
          <p>{t('report.unknown')}</p>
          <ul>
            {unknown.map(({ type, nodeIds, pack }) => (
              <li key={type}>
                {t('report.unknownItem', { type, count: nodeIds.length })}{' '}
                {pack && t('report.pack', { pack })}
              </li>
            ))}
          </ul>
        </section>
      )}
      {brokenLinks.length > 0 && <p>{t('report.links', { count: brokenLinks.length })}</p>}
      {aliases.length + notices.length > 0 && (
        <section>
          <p>{t('report.notices')}</p>
          <ul>
            {notices.map((notice, at) => (
              <li key={`${notice.code}/${at}`}>
                {notice.nodeId === undefined ? '' : `#${notice.nodeId}: `}
                {notice.message}
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="row is-end">
        <button type="button" class="button" onClick={props.onClose}>
          {t('common.ok')}
        </button>
      </div>
    </div>
  )
}
