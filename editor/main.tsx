import '@fontsource-variable/inter/wght.css'
import './theme/tokens.css'
import './theme/base.css'
import './theme/shell.css'
import './theme/canvas.css'
import './theme/panels.css'
import './theme/cloud.css'
import './theme/popups.css'
import './theme/runs.css'
import './theme/batch.css'
import { render } from 'preact'
import { createApi } from './api/index.ts'
import { createEditor } from './app/editor.ts'
import { createSession } from './app/session.ts'
import { App } from './panels/app.tsx'

const api = createApi({ base: new URL('./', location.href), fetch: (...args) => fetch(...args) })
const session = await createSession(sessionStorage, navigator.locks)
const editor = createEditor({ api, session })
const root = document.querySelector('#app')
if (root) render(<App editor={editor} />, root)
