import type { ImportReport } from '../api/index.ts'
import { t } from '../i18n/index.ts'

/** What of a file was not understood. */
export function ReportView(props: { report: ImportReport; onClose: () => void }) {
  const { unknown, aliases, brokenLinks, notices } = props.report
  return (
    <div class="report">
      <h2>{t('report.title')}</h2>
      {unknown.length > 0 && (
        <section>
          <p>{t('report.unknown')}</p>
          <ul>
            {unknown.map(({ type, nodeIds, pack, needsGpu }) => (
              <li key={type}>
                {t('report.unknownItem', { type, count: nodeIds.length })}{' '}
                {needsGpu ? t('report.gpu') : pack && t('report.pack', { pack })}
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
