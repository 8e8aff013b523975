const samplers = [
  'euler',
  'euler_cfg_pp',
  'euler_ancestral',
  'heun',
  'dpm_2',
  'dpm_2_ancestral',
  'lms',
  'dpm_fast',
  'dpm_adaptive',
  'dpmpp_2s_ancestral',
  'dpmpp_sde',
  'dpmpp_sde_gpu',
  'dpmpp_2m',
  'dpmpp_2m_sde',
  'dpmpp_2m_sde_gpu',
  'dpmpp_3m_sde',
  'dpmpp_3m_sde_gpu',
  'ddpm',
  'lcm',
  'ipndm',
  'deis',
  'res_multistep',
  'gradient_estimation',
  'ddim',
  'uni_pc',
  'uni_pc_bh2',
]

const schedulers = [
  'normal',
  'karras',
  'exponential',
  'sgm_uniform',
  'simple',
  'ddim_uniform',
  'beta',
  'linear_quadratic',
  'kl_optimal',
]

export const storyboardRatios = [
  'auto',
  '1:1',
  '2:3',
  '3:2',
  '3:4',
  '4:3',
  '4:5',
  '5:4',
  '9:16',
  '16:9',
  '21:9',
]
export const storyboardResolutions = ['1k', '2k', '4k', '8k (Official only)']
export const kontextRatios = [
  'match_input_image',
  '1:1',
  '16:9',
  '9:16',
  '4:3',
  '3:4',
  '3:2',
  '2:3',
  '21:9',
  '9:21',
]

/** Values a combo takes, by class type and field; a value outside is refused with 433. */
export const combos: Record<string, Record<string, readonly string[]>> = {
  KSampler: { sampler_name: samplers, scheduler: schedulers },
  CheckpointLoaderSimple: {
    ckpt_name: [
      'sd_xl_base_1.0.safetensors',
      'sd_xl_refiner_1.0.safetensors',
      'v1-5-pruned-emaonly.safetensors',
    ],
  },
  RH_ComfyFluxKontext: { aspect_ratio: kontextRatios },
  RH_Nano_Banana_Pro: {
    aspectRatio: storyboardRatios,
    resolution: storyboardResolutions,
    channel: ['Third-party', 'Official'],
  },
}

/** Numbers a widget takes, by class type and field; outside, ComfyUI refuses them. */
export const ranges: Record<string, Record<string, { readonly min: number; readonly max: number }>> = {
  UltimateSDUpscale: { upscale_by: { min: 1, max: 4 }, steps: { min: 1, max: 60 } },
}
