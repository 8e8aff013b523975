export { createWatch, type WatchNews, type WatchSummary, type WatchWish } from './watch.ts'
