import { language } from '../i18n/index.ts'

const locale = () => (language.value === 'zh' ? 'zh-CN' : 'en-GB')

/** A moment of today by its clock, an older one by its day too. */
export function whenText(at: number): string {
  const moment = new Date(at)
  if (moment.toDateString() === new Date().toDateString()) return moment.toLocaleTimeString(locale())
  return moment.toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' })
}

/** Day and clock. */
export function dateText(at: number): string {
  return new Date(at).toLocaleString(locale())
}
