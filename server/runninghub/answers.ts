import { z } from 'zod'
import { wireAmount, wireCode, wireId, wireText } from './wire.ts'

/** What each call answers, v1 and v2, as far as it is read (RunningHub: endpoints). */

export const createdV1 = z.object({
  taskId: wireId,
  taskStatus: wireText,
  netWssUrl: wireText,
  promptTips: wireText,
})
export const accountV1 = z.object({
  remainCoins: wireAmount,
  remainMoney: wireAmount,
  currency: wireText,
  currentTaskCounts: wireAmount,
  apiType: wireText,
})
export const loraV1 = z.object({ fileName: z.string().min(1), url: z.string().min(1) })
export const styleV1 = z.object({
  modelCategory: wireText,
  modelName: wireText,
  modelKey: wireText,
  content: wireText,
  modelTrigger: wireText,
  modelLoar1FileName: wireText,
  modelLoar1Weight: wireAmount,
  modelLoar2FileName: wireText,
  modelLoar2Weight: wireAmount,
})
export const priceV2 = z.object({
  errorCode: wireCode,
  errorMessage: wireText,
  estimatedPrice: wireAmount,
  currency: wireText,
  isFreeThisCall: z.boolean().nullish(),
})
export const queueV2 = z.object({
  concurrentLimit: wireAmount,
  totalCurrentTasks: wireAmount,
  apiKeyType: wireText,
})
export const webhookV1 = z.object({
  id: wireId,
  taskId: wireId,
  webhookUrl: wireText,
  callbackStatus: wireText,
  callbackResponse: wireText,
  retryCount: wireAmount,
  createTime: wireText,
  updateTime: wireText,
})
export const workflowJsonV1 = z.object({ prompt: z.string(), sandboxOpen: z.boolean().optional() })
export const appDemoV1 = z.object({
  sandboxOpen: z.boolean().optional(),
  webappName: wireText,
  accessEncrypted: z.boolean().nullish(),
  covers: z.array(z.object({ url: wireText, thumbnailUri: wireText })).nullish(),
  nodeInfoList: z.array(z.unknown()).nullish(),
})
export const assetV2 = z.object({
  assetId: wireId.nullish(),
  status: wireText,
  assetType: wireText,
  previewUrl: wireText,
})
export const flatV2 = z.object({
  taskId: wireId.nullish(),
  status: wireText,
  errorCode: wireCode,
  errorMessage: wireText,
  failedReason: z.unknown().optional(),
  results: z.array(z.unknown()).nullish(),
  usage: z.unknown().optional(),
  promptTips: wireText,
})
