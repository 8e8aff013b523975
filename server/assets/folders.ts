/** Where the server's files lie. */
export type Folders = {
  readonly input: string
  readonly output: string
  readonly temp: string
  /** Files of finished tasks, one folder a task; links hold references to them. */
  readonly results: string
}
