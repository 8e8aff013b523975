import type { Api, RegistryReport } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import type { Store } from './store.ts'
import type { Tell } from './tell.ts'

/** Registries of standard models: what is there, one more, one less. Their nodes come and go at once. */
export function createModels(parts: { store: Store; api: Api; tell: Tell; loadTypes: () => Promise<void> }) {
  const { store, api, tell } = parts
  const refresh = async (): Promise<void> => {
    try {
      store.registries.value = await api.registries()
    } catch (error) {
      tell.complain(error)
    }
  }
  return {
    refresh,
    /** A file, or an address of one. Throws ApiError, for the form to say. */
    async add(source: File | string): Promise<RegistryReport> {
      const report = await (typeof source === 'string' ? api.fetchRegistry(source) : api.addRegistry(source))
      await Promise.all([refresh(), parts.loadTypes()])
      return report
    },
    async remove(name: string): Promise<void> {
      try {
        store.registries.value = await api.removeRegistry(name)
        await parts.loadTypes()
        tell.say(t('models.removed', { name }))
      } catch (error) {
        tell.complain(error)
      }
    },
  }
}
