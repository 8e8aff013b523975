import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/e2e/install-chromium.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Waiting for something ends when it is there; this is for machines that are busy with other things.
    expect: { poll: { timeout: 20_000 } },
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
