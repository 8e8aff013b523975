export { createNotifier, type Notifier } from './notifier.ts'
export { readNotifyUrl } from './post.ts'
export { createNotifySettings } from './settings.ts'
export type { Delivery, DeliveryStore } from './types.ts'
