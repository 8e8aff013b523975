import type { CostRow, SpendingScope, SpendingStore } from '../wiring/index.ts'
import type { Database } from './database.ts'

/** Tasks that may still cost something: from just before their create to the moment their cost is known. */
const alive = `state IN ('submitting', 'unknown', 'created', 'queued', 'running', 'stopping', 'left')`
/** A task that was never heard of again no longer holds money back after this long. */
const forgottenMs = 24 * 3600_000

/** What finished tasks cost. Rows come by themselves, in the transaction that writes a task's outputs (see the migration). */
export function createCostStore(database: Database): SpendingStore {
  const recent = database.prepare(
    'SELECT * FROM costs WHERE site = ? AND kind = ? AND target_id = ? ORDER BY seq DESC LIMIT ?',
  )
  const list = database.prepare('SELECT * FROM costs WHERE at >= ? AND at < ? ORDER BY seq DESC')
  return {
    recent: ({ site, kind, targetId }, limit) => recent.all(site, kind, targetId, limit).map(toRow),
    spent(scope) {
      const { where, values } = conditionOf(scope, 'at', 'site')
      const row = database
        .prepare(
          `SELECT ${sum('coins')} AS coins, ${sum('money')} + ${sum('third_party_money')} AS money FROM costs WHERE ${where}`,
        )
        .get(...values)
      return { coins: Number(row?.coins), money: Number(row?.money) }
    },
    inFlight(scope, now) {
      const site = `CASE key_name WHEN 'sandbox' THEN 'sandbox' ELSE site END`
      const { where, values } = conditionOf(scope, 'created_at', site)
      return database
        .prepare(
          `SELECT ${site} AS site, kind, target_id, state FROM tasks WHERE ${alive} AND created_at > ? AND ${where}`,
        )
        .all(now - forgottenMs, ...values)
        .map(row => ({
          ...{ site: String(row.site), kind: String(row.kind), targetId: String(row.target_id) },
          isDoubtful: row.state === 'unknown',
        }))
    },
    list: ({ from, to }) => list.all(from, to).map(toRow),
  }
}

/** Decimal texts added up in whole millionths, which floating-point numbers would not keep. */
const sum = (column: string) =>
  `COALESCE(SUM(CAST(ROUND(CAST(${column} AS REAL) * 1000000) AS INTEGER)), 0) / 1000000.0`

function conditionOf(scope: SpendingScope, at: string, site: string) {
  if ('runId' in scope) return { where: 'run_id = ?', values: [scope.runId] }
  if ('group' in scope) return { where: 'spending_group = ?', values: [scope.group] }
  const where = `${at} >= ? AND (${site} = 'sandbox') = ?`
  return { where, values: [scope.since, scope.isSandbox ? 1 : 0] }
}

function toRow(row: Record<string, unknown>): CostRow {
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value))
  return {
    taskId: String(row.task_id),
    runId: String(row.run_id),
    nodeId: String(row.node_id),
    site: String(row.site),
    keyName: String(row.key_name),
    kind: String(row.kind),
    targetId: String(row.target_id),
    group: text(row.spending_group),
    at: Number(row.at),
    coins: text(row.coins),
    money: text(row.money),
    thirdPartyMoney: text(row.third_party_money),
    seconds: text(row.seconds),
  }
}
