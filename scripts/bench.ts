/** `npm run bench`: what the product costs beside the cloud's own time. Prints goals and measures; never fails by time. */
import { benchCloud } from './bench/cloud.ts'
import { benchExecutor } from './bench/executor.ts'
import { printTable } from './bench/table.ts'

console.log(
  `Node ${process.version}, ${process.platform} ${process.arch}. Medians; the sandbox shares this process.\n`,
)
printTable('The executor alone, local nodes: check and run', await benchExecutor())
printTable('The whole house against the sandbox', await benchCloud())
