import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, longest first: begun last, one of them would keep a single worker busy at the end. */
const long = [
  'crash/crash',
  'batch/killed',
  'e2e/',
  'queue/restart',
  'adverse/',
  'package/package',
  'http/serve',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex(part => moduleId.includes(`/test/${part}`))
      return at < 0 ? long.length : at
    }
    return files.toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/e2e/install-chromium.ts'],
    // A browser on a busy machine takes its time; what hangs is found all the same.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Waiting for something ends when it is there; this is for machines that are busy with other things.
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
    // Two cores: more workers only wait for each other. Each reads the modules once for all its files, which share them:
    // what a test changes in its process (environment, language, clock) it puts back.
    maxWorkers: 2,
    isolate: false,
    // .ci/run counts from it.
    ...(process.env.VITEST_JSON && {
      reporters: ['default', 'json'],
      outputFile: { json: process.env.VITEST_JSON },
    }),
  },
})
