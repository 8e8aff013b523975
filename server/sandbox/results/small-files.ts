/** A short melody as 16-bit mono PCM, one second a file at 22.05 kHz. */
export function wavBytes(pitch: number): Buffer {
  const rate = 22_050
  const samples = rate
  const bytes = Buffer.alloc(44 + samples * 2)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20) // PCM
  bytes.writeUInt16LE(1, 22) // mono
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(rate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(samples * 2, 40)
  const steps = [0, 4, 7, 12]
  for (let index = 0; index < samples; index++) {
    const part = Math.floor((index * steps.length) / samples)
    const frequency = 220 * 2 ** ((pitch + (steps[part] ?? 0)) / 12)
    const fade = 1 - ((index * steps.length) / samples - part)
    bytes.writeInt16LE(
      Math.round(Math.sin((2 * Math.PI * frequency * index) / rate) * 9000 * fade),
      44 + index * 2,
    )
  }
  return bytes
}

/** A ComfyUI `.latent`: safetensors with `latent_tensor` [1,4,64,64] of float32 and the format's version mark. */
export function latentBytes(value: () => number): Buffer {
  const shape = [1, 4, 64, 64]
  const count = shape.reduce((product, side) => product * side, 1)
  const header = {
    latent_tensor: { dtype: 'F32', shape, data_offsets: [0, count * 4] },
    latent_format_version_0: { dtype: 'F32', shape: [0], data_offsets: [count * 4, count * 4] },
  }
  const json = JSON.stringify(header)
  // Tensors begin at a multiple of eight: the header is padded with spaces.
  const text = json.padEnd(Math.ceil(json.length / 8) * 8)
  const bytes = Buffer.alloc(8 + text.length + count * 4)
  bytes.writeBigUInt64LE(BigInt(text.length), 0)
  bytes.write(text, 8)
  for (let index = 0; index < count; index++) bytes.writeFloatLE(value() * 2 - 1, 8 + text.length + index * 4)
  return bytes
}

/** A binary glTF with one triangle. */
export function glbBytes(): Buffer {
  const positions = Buffer.alloc(36)
  for (const [index, value] of [0, 0, 0, 1, 0, 0, 0, 1, 0].entries()) positions.writeFloatLE(value, index * 4)
  const document = JSON.stringify({
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
    buffers: [{ byteLength: positions.length }],
    bufferViews: [{ buffer: 0, byteLength: positions.length }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 3, type: 'VEC3', min: [0, 0, 0], max: [1, 1, 0] },
    ],
  })
  const json = Buffer.from(document.padEnd(Math.ceil(document.length / 4) * 4))
  const head = Buffer.alloc(20)
  head.write('glTF', 0)
  head.writeUInt32LE(2, 4)
  head.writeUInt32LE(28 + json.length + positions.length, 8)
  head.writeUInt32LE(json.length, 12)
  head.write('JSON', 16)
  const chunk = Buffer.alloc(8)
  chunk.writeUInt32LE(positions.length, 0)
  chunk.write('BIN\0', 4)
  return Buffer.concat([head, json, chunk, positions])
}

/** The signature of an Alembic (Ogawa) archive and nothing in it: an extension no client knows. */
export function abcBytes(): Buffer {
  return Buffer.concat([Buffer.from('Ogawa\xff\x00\x01', 'latin1'), Buffer.alloc(24)])
}
