import { type ApiGraph, node } from './graph.ts'

/** The plain SDXL graph every ComfyUI starts with; it also stands for workflows the sandbox does not know. */
export const sdxlGraph: ApiGraph = {
  '3': node('KSampler', 'KSampler', {
    seed: 156680208700286,
    steps: 20,
    cfg: 8,
    sampler_name: 'euler',
    scheduler: 'normal',
    denoise: 1,
    model: ['4', 0],
    positive: ['6', 0],
    negative: ['7', 0],
    latent_image: ['5', 0],
  }),
  '4': node('CheckpointLoaderSimple', 'Load Checkpoint', { ckpt_name: 'sd_xl_base_1.0.safetensors' }),
  '5': node('EmptyLatentImage', 'Empty Latent Image', { width: 512, height: 512, batch_size: 1 }),
  '6': node('CLIPTextEncode', 'CLIP Text Encode (Prompt)', {
    text: 'beautiful scenery nature glass bottle landscape, purple galaxy bottle',
    clip: ['4', 1],
  }),
  '7': node('CLIPTextEncode', 'CLIP Text Encode (Negative)', { text: 'text, watermark', clip: ['4', 1] }),
  '8': node('VAEDecode', 'VAE Decode', { samples: ['3', 0], vae: ['4', 2] }),
  '9': node('SaveImage', 'Save Image', { filename_prefix: 'ComfyUI', images: ['8', 0] }),
}

export const zImageGraph: ApiGraph = {
  '1': node('UNETLoader', 'Load Diffusion Model', {
    unet_name: 'z_image_base_bf16.safetensors',
    weight_dtype: 'default',
  }),
  '2': node('CLIPLoader', 'Load CLIP', {
    clip_name: 'qwen_3_4b.safetensors',
    type: 'lumina2',
    device: 'default',
  }),
  '3': node('KSampler', 'KSampler', {
    seed: 1055124390851642,
    steps: 28,
    cfg: 4,
    sampler_name: 'res_multistep',
    scheduler: 'simple',
    denoise: 1,
    model: ['10', 0],
    positive: ['6', 0],
    negative: ['7', 0],
    latent_image: ['5', 0],
  }),
  '4': node('VAELoader', 'Load VAE', { vae_name: 'ae.safetensors' }),
  '5': node('EmptySD3LatentImage', 'Size', { width: 512, height: 512, batch_size: 4 }),
  '6': node('CLIPTextEncode', 'Prompt', { text: '一只在窗边看雨的橘猫，电影感，暖色光', clip: ['2', 0] }),
  '7': node('CLIPTextEncode', 'Negative', { text: 'blurry, low quality', clip: ['2', 0] }),
  '8': node('VAEDecode', 'VAE Decode', { samples: ['3', 0], vae: ['4', 0] }),
  '9': node('SaveImage', 'Save Image', { filename_prefix: 'ComfyUI', images: ['8', 0] }),
  '10': node('ModelSamplingAuraFlow', 'ModelSamplingAuraFlow', { shift: 3, model: ['1', 0] }),
}

export const styleTransferGraph: ApiGraph = {
  '3': node('KSampler', 'KSampler', {
    seed: 888444222111000,
    steps: 24,
    cfg: 1,
    sampler_name: 'euler',
    scheduler: 'simple',
    denoise: 1,
    model: ['30', 0],
    positive: ['33', 0],
    negative: ['34', 0],
    latent_image: ['32', 0],
  }),
  '8': node('VAEDecode', 'VAE Decode', { samples: ['3', 0], vae: ['12', 0] }),
  '10': node('UNETLoader', 'Load Diffusion Model', {
    unet_name: 'flux1-dev.safetensors',
    weight_dtype: 'fp8_e4m3fn',
  }),
  '11': node('DualCLIPLoader', 'Load CLIPs', {
    clip_name1: 'clip_l.safetensors',
    clip_name2: 't5xxl_fp8_e4m3fn.safetensors',
    type: 'flux',
    device: 'default',
  }),
  '12': node('VAELoader', 'Load VAE', { vae_name: 'ae.safetensors' }),
  '21': node('LoadImage', 'Source', { image: 'example.png' }),
  '24': node('LoadImage', 'Style', { image: 'style.png' }),
  '25': node('CLIPVisionLoader', 'Load CLIP Vision', { clip_name: 'sigclip_vision_patch14_384.safetensors' }),
  '26': node('CLIPVisionEncode', 'CLIP Vision Encode', {
    crop: 'center',
    clip_vision: ['25', 0],
    image: ['24', 0],
  }),
  '27': node('StyleModelLoader', 'Load Style Model', { style_model_name: 'flux1-redux-dev.safetensors' }),
  '28': node('CLIPTextEncode', 'Prompt', { text: '', clip: ['11', 0] }),
  '30': node('DifferentialDiffusion', 'Differential Diffusion', { model: ['10', 0] }),
  '32': node('VAEEncode', 'VAE Encode', { pixels: ['21', 0], vae: ['12', 0] }),
  '33': node('StyleModelApply', 'Apply Style Model', {
    strength: 1,
    strength_type: 'multiply',
    conditioning: ['28', 0],
    style_model: ['27', 0],
    clip_vision_output: ['26', 0],
  }),
  '34': node('ConditioningZeroOut', 'Negative', { conditioning: ['28', 0] }),
  '40': node('SaveImage', 'Save Image', { filename_prefix: 'ComfyUI', images: ['8', 0] }),
}

export const videoGraph: ApiGraph = {
  '184': node('VHS_LoadVideo', 'Load Video', {
    video: 'example.mp4',
    force_rate: 16,
    custom_width: 0,
    custom_height: 0,
    frame_load_cap: 81,
    skip_first_frames: 0,
    select_every_nth: 1,
    format: 'AnimateDiff',
  }),
  '11': node('WanVideoVAELoader', 'WanVideo VAE Loader', {
    model_name: 'Wan2_1_VAE_bf16.safetensors',
    precision: 'bf16',
  }),
  '22': node('WanVideoModelLoader', 'WanVideo Model Loader', {
    model: 'wan2.1_vace_14B_fp8.safetensors',
    base_precision: 'bf16',
  }),
  '27': node('WanVideoSampler', 'WanVideo Sampler', {
    steps: 6,
    cfg: 1,
    shift: 5,
    seed: 1057359483639287,
    scheduler: 'unipc',
    model: ['22', 0],
    image_embeds: ['56', 0],
  }),
  '28': node('WanVideoDecode', 'WanVideo Decode', {
    vae: ['11', 0],
    samples: ['27', 0],
    tile_x: 272,
    tile_y: 272,
  }),
  '56': node('WanVideoVACEEncode', 'WanVideo VACE Encode', {
    width: 480,
    height: 832,
    num_frames: 81,
    vae: ['11', 0],
    input_frames: ['184', 0],
  }),
  '139': node('VHS_VideoCombine', 'Video Combine', {
    frame_rate: 16,
    loop_count: 0,
    filename_prefix: 'AnimateDiff',
    format: 'video/h264-mp4',
    images: ['28', 0],
    audio: ['184', 2],
  }),
}
