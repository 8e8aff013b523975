export { type CloudMemory, createCloudAccess, createCloudMemory } from './cloud.ts'
export { resolveSite, type Site, type SiteSources } from './site.ts'
