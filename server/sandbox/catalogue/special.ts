/** How a file of a result comes about. */
export type FileSpec =
  | { kind: 'picture'; width?: number; height?: number; alpha?: true }
  | { kind: 'video' | 'audio' | 'latent' | 'glb' | 'abc' | 'empty' }
  | { kind: 'text'; text: string }
  /** A picture of noise of exactly this size. */
  | { kind: 'noise'; sizeBytes: number }
  /** A video of any size: a short one, made long by bytes that players skip and that are made as they are sent. */
  | { kind: 'bulk'; sizeBytes: number }

/** Where a task leaves the usual way. */
export type Behaviour = {
  files?: FileSpec[]
  runMs?: number
  /** Refused at create. */
  refusal?: { code: number; msg: string }
  ending?: 'error' | 'error-without-reason' | 'code-500'
  /** The errorCode v2 gives for the failure; 1000 unsaid. */
  failCode?: number
  /** The task never shows RUNNING. */
  finishQueued?: true
  /** `outputs` while running: `code 0, data null` or 804 without `netWssUrl`. */
  outputsWhileRunning?: 'null' | 'no-url'
  create?: 'no-url-key'
  socket?: 'silent' | 'garbage' | 'success-early' | 'success-per-node' | 'drops' | 'refused'
  /** v2 query gives the text itself. */
  inlineText?: true
  fileBytesPerSecond?: number
  fileAnswer?: 403 | 404
}

export type SpecialWorkflow = { id: string; what: string; behaviour: Behaviour }

const mebibyte = 1024 * 1024
const poem = 'The sandbox wrote this line.\n沙箱写下了这一行。\n'
const repeat = (count: number, spec: FileSpec) => Array.from({ length: count }, () => spec)

const row = (ending: string, what: string, behaviour: Behaviour): SpecialWorkflow => ({
  id: `2099100000000000${ending}`,
  what,
  behaviour,
})

/** Ids that play an adverse case, as workflow and as AI app. `special.test.ts` walks the table. */
export const specialWorkflows = {
  text: row('101', 'one .txt result, by URL on v1 and v2', { files: [{ kind: 'text', text: poem }] }),
  inlineText: row('103', 'one text result; v2 gives it as `text` without `url`', {
    files: [{ kind: 'text', text: poem }],
    inlineText: true,
  }),
  mixed: row('105', '2 PNGs of different sizes (one with alpha), txt, wav, 6 mp4, latent, glb, abc', {
    files: [
      { kind: 'picture', width: 512, height: 384 },
      { kind: 'picture', width: 320, height: 480, alpha: true },
      { kind: 'text', text: poem },
      { kind: 'audio' },
      ...repeat(6, { kind: 'video' }),
      { kind: 'latent' },
      { kind: 'glb' },
      { kind: 'abc' },
    ],
  }),
  fails: row('107', '805 with a failedReason naming node 3', { ending: 'error' }),
  failsWithoutReason: row('109', '805 with data null', { ending: 'error-without-reason' }),
  fails500: row('111', 'outputs answers code 500 (older form of a failure)', { ending: 'code-500' }),
  nothing: row('113', 'succeeds with code 0 and an empty list', { files: [] }),
  runsAsNull: row('115', 'while running, outputs answers code 0 with data null', {
    outputsWhileRunning: 'null',
  }),
  runsWithoutUrl: row('117', 'while running, 804 has no netWssUrl', { outputsWhileRunning: 'no-url' }),
  createWithoutUrl: row('119', 'the answer of create lacks the key netWssUrl', { create: 'no-url-key' }),
  finishesQueued: row('121', 'goes from QUEUED to SUCCESS, never RUNNING', { finishQueued: true }),
  slow: row('123', 'runs 60 s', { runMs: 60_000 }),
  endless: row('165', 'runs an hour', { runMs: 3_600_000 }),
  huge: row('125', '8 results of 4 MiB each at 4 MiB/s a connection', {
    files: repeat(8, { kind: 'noise', sizeBytes: 4 * mebibyte }),
    fileBytesPerSecond: 4 * mebibyte,
  }),
  slowFile: row('127', 'one result of 10 MiB at 1 MiB/s', {
    files: [{ kind: 'noise', sizeBytes: 10 * mebibyte }],
    fileBytesPerSecond: mebibyte,
  }),
  silentSocket: row('129', 'the socket opens and says nothing', { socket: 'silent' }),
  brokenSocket: row('131', 'the socket sends broken JSON and binary, then closes', { socket: 'garbage' }),
  earlySuccess: row('133', 'execution_success comes at the start of the run', { socket: 'success-early' }),
  successPerNode: row('135', 'execution_success comes for every node', { socket: 'success-per-node' }),
  dropsSocket: row('137', 'the socket is cut after the first node', { socket: 'drops' }),
  refusesSocket: row('139', 'the handshake of the socket answers 403', { socket: 'refused' }),
  neverRun: row('141', '810 at create and getJsonApiFormat', {
    refusal: { code: 810, msg: 'WORKFLOW_NOT_SAVED_OR_NOT_RUNNING' },
  }),
  appGone: row('143', '901', { refusal: { code: 901, msg: 'WEBAPP_NOT_EXISTS' } }),
  workflowGone: row('145', '380', { refusal: { code: 380, msg: 'WORKFLOW_NOT_EXISTS' } }),
  exclusiveBusy: row('147', '415', { refusal: { code: 415, msg: 'TASK_INSTANCE_MAXED' } }),
  promptRefused: row('149', '433 with details in msg', {
    refusal: { code: 433, msg: 'VALIDATE_PROMPT_FAILED: node 3 sampler_name: value not in list' },
  }),
  expiredFile: row('151', 'the result URL answers 404', { fileAnswer: 404 }),
  forbiddenFile: row('153', 'the result URL answers 403', { fileAnswer: 403 }),
  emptyFile: row('155', 'the result is a .png of 0 bytes', { files: [{ kind: 'empty' }] }),
  latent: row('157', 'one .latent result', { files: [{ kind: 'latent' }] }),
  audio: row('159', 'one .wav result', { files: [{ kind: 'audio' }] }),
  bulk: row('163', 'one playable .mp4 of as many bytes as the node info `bytes` of any node says (8 MiB)', {
    files: [{ kind: 'bulk', sizeBytes: 8 * mebibyte }],
  }),
  unknownFiles: row('161', 'a .glb and a .abc result', { files: [{ kind: 'glb' }, { kind: 'abc' }] }),
} as const satisfies Record<string, SpecialWorkflow>
