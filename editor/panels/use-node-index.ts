import { useEffect, useMemo, useState } from 'preact/hooks'
import { chineseTitle, language, nodeTitle } from '../i18n/index.ts'
import { type Pinyin, searchIndex } from '../state/node-search.ts'
import { usePage } from './context.ts'

/** The search index of all nodes. Pinyin is a large dictionary: it comes when a search is first opened. */
export function useNodeIndex() {
  const { store } = usePage()
  const [pinyin, setPinyin] = useState<Pinyin>()
  useEffect(() => {
    let isGone = false
    void import('./pinyin.ts').then(module => {
      if (!isGone) setPinyin(module.pinyin)
    })
    return () => {
      isGone = true
    }
  }, [])
  const types = store.types.value
  const shown = language.value
  return useMemo(
    () => searchIndex(types.values(), { shown: nodeTitle, chinese: chineseTitle }, pinyin),
    [types, shown, pinyin],
  )
}
