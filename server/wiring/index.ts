export { type CloudMemory, createCloudAccess, createCloudMemory } from './cloud.ts'
export { nameSite, resolveSite, type Site, type SiteSources } from './site.ts'
