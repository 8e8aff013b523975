/** A model that cloud workflows may load, as resource/list tells it. */
export type Resource = {
  type: 'UNET' | 'CHECKPOINT' | 'LORA' | 'GGUF'
  name: string
  base: string
  file: string
  tags: readonly string[]
  triggerWords: string
  desc: string
}

const named = (
  type: Resource['type'],
  name: string,
  base: string,
  file: string,
  more: Partial<Pick<Resource, 'tags' | 'triggerWords' | 'desc'>> = {},
): Resource => ({ type, name, base, file, tags: [], triggerWords: '', desc: '', ...more })

const styles = [
  'Anime',
  'Clay',
  'Film grain',
  'Ink',
  'Line art',
  'Low poly',
  'Oil',
  'Pixel',
  'Poster',
  'Sketch',
]

/** Names and base models as people know them; LoRAs enough for more than one page. */
export const resources: readonly Resource[] = [
  named('CHECKPOINT', 'SDXL base', 'SDXL 1.0', 'sd_xl_base_1.0.safetensors'),
  named('CHECKPOINT', 'SD 1.5 pruned', 'SD 1.5', 'v1-5-pruned-emaonly.safetensors'),
  named('UNET', 'Flux.1 dev', 'Flux.1 D', 'flux1-dev.safetensors'),
  named('UNET', 'Z-Image turbo', 'Z-Image', 'z_image_turbo_bf16.safetensors'),
  named('GGUF', 'Flux.1 dev Q4', 'Flux.1 D', 'flux1-dev-Q4_K_S.gguf'),
  named('LORA', 'Watercolour style', 'SDXL 1.0', 'watercolour_style.safetensors', {
    tags: ['style'],
    triggerWords: 'watercolour painting',
    desc: 'Soft washes, visible paper.',
  }),
  named('LORA', '水墨山水', 'Flux.1 D', 'ink_landscape.safetensors', {
    tags: ['style', '国风'],
    triggerWords: '水墨画',
    desc: '宣纸质感的水墨山水。',
  }),
  ...styles.flatMap(style =>
    (['SDXL 1.0', 'SD 1.5', 'Flux.1 D', 'Z-Image', 'Qwen-Image'] as const).map(base => {
      const file = `${style} ${base}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
      return named('LORA', `${style} (${base})`, base, `${file}.safetensors`, {
        tags: ['style'],
        triggerWords: style.toLowerCase(),
      })
    }),
  ),
]
