import { language, linkOf, t } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** The page where an error of RunningHub is put right, or where it is explained; nothing for errors that have none. */
export function MoreLink({ code }: { code: string }) {
  const { store } = usePage()
  const site = store.health.value?.site ?? undefined
  const link = linkOf(code, language.value, site)
  if (link === undefined) return null
  return (
    <a class="link-button" href={link} target="_blank" rel="noreferrer">
      {t('failure.link')}
    </a>
  )
}
