import { Sparkles } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import type { CloudApps } from '../api/index.ts'
import { appLink } from '../app/cloud.ts'
import { wordsOf } from '../app/tell.ts'
import { language, t } from '../i18n/index.ts'
import { usePage } from './context.ts'

/** As long as somebody still types; each search is a call to the site. */
const restMs = 350
const most = 8

type Found = { readonly apps: CloudApps } | { readonly problem: string }

/** AI apps of the site by words; a press brings one as its link would. */
export function AppSearch({ onPick }: { onPick: (link: string) => void }) {
  const { api } = usePage()
  const [text, setText] = useState('')
  const [found, setFound] = useState<Found>()
  const [tries, setTries] = useState(0)
  const words = text.trim()
  useEffect(() => {
    setFound(undefined)
    if (words === '') return
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      api.cloudApps(words, most, leaving.signal).then(
        apps => setFound({ apps }),
        error => {
          if (!leaving.signal.aborted) setFound({ problem: wordsOf(error) })
        },
      )
    }, restMs)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [words, tries])
  return (
    <section class="app-search">
      <label class="field-label">
        {t('apps.label')}
        <input
          type="search"
          class="field"
          placeholder={t('apps.placeholder')}
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
      </label>
      <p class="hint" role="status">
        {stateLine(words, found)}
        {found && 'problem' in found && (
          <button type="button" class="link-button" onClick={() => setTries(tries + 1)}>
            {t('apps.again')}
          </button>
        )}
      </p>
      {/* Of one height whatever was found: what stands below stays where it is. */}
      <ul class="list app-list">
        {found &&
          'apps' in found &&
          found.apps.items.map(app => (
            <li key={app.id}>
              <button
                type="button"
                class="picker-item app-row"
                title={app.description || app.title}
                onClick={() => onPick(appLink(app.id, found.apps.site))}
              >
                <Cover src={app.cover} />
                <span class="app-words">
                  <strong>{app.title || app.id}</strong>
                  <small>{app.description}</small>
                </span>
                {app.uses !== null && <small>{t('apps.uses', { count: countOf(app.uses) })}</small>}
              </button>
            </li>
          ))}
      </ul>
    </section>
  )
}

/** A picture of the site; a sign where there is none. */
function Cover({ src }: { src: string }) {
  const [isGone, setGone] = useState(false)
  return (
    <span class="app-cover">
      {/^https?:/.test(src) && !isGone ? (
        <img src={src} alt="" loading="lazy" referrerpolicy="no-referrer" onError={() => setGone(true)} />
      ) : (
        <Sparkles size={18} aria-hidden="true" />
      )}
    </span>
  )
}

function stateLine(words: string, found: Found | undefined): string {
  if (words === '') return t('apps.hint')
  if (!found) return t('apps.searching')
  if ('problem' in found) return found.problem
  const { items, total } = found.apps
  if (items.length === 0) return t('apps.none', { words: words.slice(0, 60) })
  if (total > items.length) return t('apps.more', { count: items.length, total })
  return t(items.length === 1 ? 'apps.foundOne' : 'apps.found', { count: items.length })
}

const countOf = (uses: number): string =>
  new Intl.NumberFormat(language.value === 'zh' ? 'zh-CN' : 'en', { notation: 'compact' }).format(uses)
