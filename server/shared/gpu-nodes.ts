/**
 * ComfyUI's own nodes that compute with a model, or only with what such nodes give: they need a GPU, and run in cloud workflows. Data for
 * what people are told of a node that is not here; nodes of other packs are known by the types of their slots.
 */

/** What only models and their nodes give and take. */
const modelSlots: ReadonlySet<string> = new Set([
  'MODEL',
  'CLIP',
  'VAE',
  'CONDITIONING',
  'LATENT',
  'CONTROL_NET',
  'CLIP_VISION',
  'CLIP_VISION_OUTPUT',
  'STYLE_MODEL',
  'GLIGEN',
  'UPSCALE_MODEL',
  'SAMPLER',
  'SIGMAS',
  'NOISE',
  'GUIDER',
  'LORA_MODEL',
  'MODEL_PATCH',
  'AUDIO_ENCODER',
  'AUDIO_ENCODER_OUTPUT',
  'PHOTOMAKER',
  'HOOKS',
  'INSIGHTFACE',
  'IPADAPTER',
  'WANVIDEOMODEL',
  'WANVIDIMAGE_EMBEDS',
  'WANVIDEOTEXTEMBEDS',
  'BASIC_PIPE',
  'DETAILER_PIPE',
  'BBOX_DETECTOR',
  'SAM_MODEL',
  'PIPE_LINE',
])

const gpuTypes: ReadonlySet<string> = new Set(
  `
  KSampler KSamplerAdvanced CheckpointLoaderSimple CheckpointLoader CheckpointSave unCLIPCheckpointLoader
  ImageOnlyCheckpointLoader ImageOnlyCheckpointSave DiffusersLoader UNETLoader VAELoader VAESave CLIPLoader DualCLIPLoader
  TripleCLIPLoader QuadrupleCLIPLoader CLIPSave CLIPVisionLoader CLIPVisionEncode StyleModelLoader StyleModelApply
  ControlNetLoader DiffControlNetLoader ControlNetApply ControlNetApplyAdvanced ControlNetApplySD3
  ControlNetInpaintingAliMamaApply SetUnionControlNetType GLIGENLoader GLIGENTextBoxApply LoraLoader LoraLoaderModelOnly
  LoraLoaderBypass LoraLoaderBypassModelOnly LoraSave LoraModelLoader SaveLoRA HypernetworkLoader UpscaleModelLoader
  ImageUpscaleWithModel ModelPatchLoader AudioEncoderLoader AudioEncoderEncode LoadBackgroundRemovalModel RemoveBackground
  CLIPTextEncode CLIPTextEncodeSDXL CLIPTextEncodeSDXLRefiner CLIPTextEncodeSD3 CLIPTextEncodeFlux CLIPTextEncodeHunyuanDiT
  CLIPTextEncodePixArtAlpha CLIPTextEncodeHiDream CLIPTextEncodeLumina2 CLIPTextEncodeKandinsky5 CLIPTextEncodeControlnet
  TextEncodeQwenImageEdit TextEncodeQwenImageEditPlus TextEncodeAceStepAudio TextEncodeAceStepAudio1.5 TextEncodeHunyuanVideo_ImageToVideo
  TextGenerate TextGenerateLTX2Prompt CLIPSetLastLayer CLIPAdd CLIPSubtract CLIPAttentionMultiply CLIPMergeSimple CLIPMergeSubtract CLIPMergeAdd
  VAEDecode VAEEncode VAEDecodeTiled VAEEncodeTiled VAEEncodeForInpaint VAEDecodeAudio VAEDecodeAudioTiled VAEEncodeAudio VAEDecodeHunyuan3D
  InpaintModelConditioning unCLIPConditioning ConditioningAverage ConditioningCombine ConditioningConcat ConditioningMultiply
  ConditioningSetArea ConditioningSetAreaPercentage ConditioningSetAreaPercentageVideo ConditioningSetAreaStrength
  ConditioningSetMask ConditioningZeroOut ConditioningSetTimestepRange ConditioningTimestepsRange ConditioningSetProperties
  ConditioningSetPropertiesAndCombine ConditioningSetDefaultCombine ConditioningStableAudio FluxGuidance FluxDisableGuidance
  FluxKontextImageScale FluxKontextMultiReferenceLatentMethod ReferenceLatent PairConditioningSetProperties PairConditioningCombine
  EmptyLatentImage EmptySD3LatentImage EmptyFlux2LatentImage EmptyHunyuanImageLatent EmptyHunyuanLatentVideo EmptyLTXVLatentVideo
  EmptyMochiLatentVideo EmptyCosmosLatentVideo EmptyLatentAudio EmptyAceStepLatentAudio EmptyAceStep1.5LatentAudio EmptyLatentHunyuan3Dv2
  EmptyQwenImageLayeredLatentImage EmptyChromaRadianceLatentImage LatentUpscale LatentUpscaleBy LatentUpscaleModelLoader LatentFromBatch
  RepeatLatentBatch RebatchLatents LatentBatch LatentBatchSeedBehavior LatentComposite LatentCompositeMasked LatentBlend
  LatentRotate LatentFlip LatentCrop LatentAdd LatentSubtract LatentMultiply LatentInterpolate LatentConcat LatentCut LatentCutToBatch
  LatentApplyOperation LatentApplyOperationCFG LatentOperationSharpen LatentOperationTonemapReinhard SetLatentNoiseMask
  ReplaceVideoLatentFrames TrimVideoLatent BatchLatentsNode
  SamplerCustom SamplerCustomAdvanced KSamplerSelect BasicScheduler KarrasScheduler ExponentialScheduler PolyexponentialScheduler
  LaplaceScheduler VPScheduler BetaSamplingScheduler SDTurboScheduler AlignYourStepsScheduler GITSScheduler LTXVScheduler
  Flux2Scheduler OptimalStepsScheduler ManualSigmas SplitSigmas SplitSigmasDenoise FlipSigmas SetFirstSigma ExtendIntermediateSigmas
  SamplingPercentToSigma SamplerEulerAncestral SamplerEulerAncestralCFGPP SamplerEulerCFGpp SamplerLMS SamplerDPMPP_3M_SDE
  SamplerDPMPP_2M_SDE SamplerDPMPP_SDE SamplerDPMPP_2S_Ancestral SamplerDPMAdaptative SamplerER_SDE SamplerSASolver SamplerSEEDS2
  SamplerLCMUpscale RandomNoise DisableNoise AddNoise BasicGuider CFGGuider DualCFGGuider DualModelGuider VideoLinearCFGGuidance VideoTriangleCFGGuidance
  ModelSamplingDiscrete ModelSamplingContinuousEDM ModelSamplingContinuousV ModelSamplingStableCascade ModelSamplingSD3
  ModelSamplingAuraFlow ModelSamplingFlux ModelSamplingLTXV RescaleCFG RenormCFG CFGNorm CFGZeroStar EpsilonScaling FreeU FreeU_V2
  HyperTile PatchModelAddDownscale PerturbedAttentionGuidance SelfAttentionGuidance SkipLayerGuidanceSD3 SkipLayerGuidanceDiT
  SkipLayerGuidanceDiTSimple TomePatchModel DifferentialDiffusion PerpNeg PerpNegGuider APG Mahiro TCFG NAGuidance TorchCompileModel EasyCache LazyCache
  ModelComputeDtype UNetSelfAttentionMultiply UNetCrossAttentionMultiply UNetTemporalAttentionMultiply ScaleROPE
  ModelMergeSimple ModelMergeBlocks ModelMergeSubtract ModelMergeAdd ModelMergeSDXL ModelMergeFlux1 ModelMergeSD3_2B ModelSave
  QwenImageDiffsynthControlnet USOStyleReference PhotoMakerLoader PhotoMakerEncode InstructPixToPixConditioning
  SVD_img2vid_Conditioning StableZero123_Conditioning StableZero123_Conditioning_Batched SV3D_Conditioning
  StableCascade_EmptyLatentImage StableCascade_StageB_Conditioning StableCascade_StageC_VAEEncode
  StableCascade_SuperResolutionControlnet SD_4XUpscale_Conditioning HunyuanImageToVideo HunyuanRefinerLatent HunyuanVideo15ImageToVideo
  HunyuanVideo15SuperResolution Hunyuan3Dv2Conditioning Hunyuan3Dv2ConditioningMultiView LTXVImgToVideo LTXVImgToVideoInplace LTXVConditioning LTXVAddGuide
  LTXVCropGuides LTXVPreprocess LTXVConcatAVLatent LTXVSeparateAVLatent LTXVAudioVAELoader LTXVAudioVAEDecode LTXVAudioVAEEncode
  LTXVEmptyLatentAudio LTXVLatentUpsampler LTXAVTextEncoderLoader CosmosImageToVideoLatent CosmosPredict2ImageToVideoLatent
  WanImageToVideo WanFirstLastFrameToVideo WanFunControlToVideo WanFunInpaintToVideo WanCameraImageToVideo WanCameraEmbedding
  WanVaceToVideo WanTrackToVideo WanPhantomSubjectToVideo WanSoundImageToVideo WanSoundImageToVideoExtend WanHuMoImageToVideo
  WanAnimateToVideo WanMoveTrackToVideo WanSCAILToVideo Wan22ImageToVideoLatent Wan22FunControlToVideo
  TrainLoraNode LossGraphNode
  CreateHookLora CreateHookLoraModelOnly CreateHookModelAsLora CreateHookModelAsLoraModelOnly SetHookKeyframes SetClipHooks
  CombineHooks2 CombineHooks4 CombineHooks8 FrameInterpolate FrameInterpolationModelLoader
  `
    .trim()
    .split(/\s+/),
)

/** Whether a node that is not here needs a GPU, by its type and, where a file tells them, the types of its slots. */
export function needsGpu(type: string, slots: readonly string[] = []): boolean {
  return gpuTypes.has(type) || slots.some(slot => modelSlots.has(slot))
}
