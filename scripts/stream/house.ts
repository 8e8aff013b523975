/** The process whose memory is measured: a server, which tells the most memory it has taken when it is asked. */
import { readConfig } from '../../server/config.ts'
import { serve } from '../../server/serve.ts'

const [dataDir = '', baseUrl = ''] = process.argv.slice(2)
const server = await serve({
  config: readConfig({ dataDir, baseUrl }, {}),
  host: '127.0.0.1',
  port: 0,
  parallel: 1,
  logLevel: 'silent',
  version: 'stream',
  argv: ['serve'],
})
process.on('message', () => process.send?.({ peakBytes: process.resourceUsage().maxRSS * 1024 }))
process.once('disconnect', () => void server.close(0).then(() => process.exit(0)))
process.send?.({ url: server.url })
