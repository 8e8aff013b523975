import { type Handler, violate } from '../call.ts'
import { fileError } from '../transport.ts'

/** Results and uploads: plain GET without a key (RunningHub: hosts, result files). */
export const getFile: Handler = (call, house) => {
  const keyed =
    call.request.headers.authorization !== undefined ||
    [...call.query].some(([name, value]) => /^api_?key$/i.test(name) || house.log.isKey(value))
  if (keyed) violate(call, house, 'key-on-file-host', 'a key was sent where files are fetched')
  const file = house.store.find(decodeURIComponent(call.path), house.timers.now())
  if (file === undefined || file === 'gone') return fileError(404, call.path)
  return file.answer ? fileError(file.answer, call.path) : { kind: 'file', file }
}
