import type { RunDetails } from '../api/index.ts'
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

/** When a run began; one that goes on after a restart of the server began with its first task. Milliseconds since 1970. */
export function beganAt(run: Pick<RunDetails, 'id' | 'createdAt' | 'startedAt' | 'journal'>): number {
  const own = run.journal.filter(({ createdBy }) => createdBy === run.id)
  return Math.min(run.startedAt ?? run.createdAt, ...own.flatMap(({ events }) => events[0]?.at ?? []))
}
