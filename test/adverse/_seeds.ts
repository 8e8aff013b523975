import { setTimeout as st } from "node:timers";
process.on("unhandledRejection",e=>{console.log("UNHANDLED",e)})
import { playSeed } from './seeded-run.ts'
const [from, count, verbose] = process.argv.slice(2)
let bad = 0, tasks=0, kills=0, requests=0, maxFake=0
const t0 = performance.now()
for (let seed = +from; seed < +from + +count; seed++) {
  const o = await playSeed(seed)
  tasks+=o.tasks;kills+=o.kills;requests+=o.requests;maxFake=Math.max(maxFake,o.fakeMs)
  if (o.wrong.length || verbose) { bad++; console.log('SEED', seed, o.wrong.join('\n   ').slice(0,1500)); if (verbose) { const {prompt,...plan}=o.plan; for (const p of plan.pieces) console.log(JSON.stringify(p)); for (const p of plan.faults) console.log(JSON.stringify(p)); console.log(JSON.stringify({...plan,pieces:0,faults:0})); console.log(o.story.join('\n'));  } }
}
console.log({bad, tasks, kills, requests, maxFakeH: maxFake/3600e3, ms: performance.now()-t0, per: (performance.now()-t0)/+count})
process.exit()
