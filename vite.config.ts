import { defineConfig } from 'vite'

/** The editor: a browser program in editor/, built into dist/editor, which the server serves. */
export default defineConfig({
  root: 'editor',
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/editor',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    chunkSizeWarningLimit: 1200,
    // Fonts as files of their own: a page may load what is its own.
    assetsInlineLimit: 2048,
  },
})
