import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathInside, readAnnotatedName, resolvePrefix, safeName } from '../../server/assets/names.ts'

const now = new Date(2026, 0, 2, 3, 4, 5)

describe('an annotated name', () => {
  test.each([
    ['a.png', 'input', 'a.png'],
    ['sub/a.png', 'input', 'sub/a.png'],
    ['sub/a.png [output]', 'output', 'sub/a.png'],
    ['a.png [temp]', 'temp', 'a.png'],
    ['a.png[input]', 'input', 'a.png'],
    ['clipspace/clipspace-mask-123.png [input]', 'input', 'clipspace/clipspace-mask-123.png'],
    ['a [x].png', 'input', 'a [x].png'],
    ['a.png [elsewhere]', 'input', 'a.png [elsewhere]'],
    [' a.png ', 'input', 'a.png'],
  ])('%j means %s: %j', (text, folder, name) => {
    expect(readAnnotatedName(text)).toEqual({ folder, name })
  })

  test('without annotation means the folder that was asked for', () => {
    expect(readAnnotatedName('a.png', 'output')).toEqual({ folder: 'output', name: 'a.png' })
  })
})

describe('a path', () => {
  test.each(['..', '../a', 'a/../../b', '/etc/passwd', '..\\a', 'a\\..\\..\\b', 'a\0b', '', '.', 'sub/..'])(
    '%j is refused',
    name => {
      expect(() => pathInside('/data/input', name)).toThrow(expect.objectContaining({ code: 'path-outside' }))
    },
  )

  test.each([
    ['a.png', '/data/input/a.png'],
    ['sub/../a.png', '/data/input/a.png'],
    ['sub\\a.png', '/data/input/sub/a.png'],
    ['..a', '/data/input/..a'],
    ['...', '/data/input/...'],
  ])('%j stays inside', (name, path) => {
    expect(pathInside('/data/input', name)).toBe(path)
  })

  test('never leaves its folder, whatever the name', () => {
    const pieces = fc.constantFrom('..', '.', '/', '\\', 'a', ' ', '%2e', '~', 'C:', '\0', '文')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), parts => {
        try {
          expect(pathInside('/data/input', parts.join('')).startsWith('/data/input/')).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'path-outside' })
        }
      }),
    )
  })
})

describe('a filename prefix', () => {
  test.each([
    ['ComfyUI', '', 'ComfyUI'],
    ['a/b/name', 'a/b', 'name'],
    ['a\\b\\name', 'a/b', 'name'],
    ['bn/', '', 'bn'],
    ['a//b', 'a', 'b'],
    ['./a', '', 'a'],
    ['', '', 'ComfyUI'],
    ['.', '', 'ComfyUI'],
    ['ab: c?/d*e', 'ab_ c_', 'd_e'],
    ['图片/结果', '图片', '结果'],
    ['%year%-%month%-%day%_%hour%%minute%%second%', '', '2026-01-02_030405'],
    ['%width%x%height%', '', '640x480'],
    ['%date:yyyy-MM-dd%/%date:hhmmss%', '2026-01-02', '030405'],
    ['%date:yy M d%', '', '26 1 2'],
    ['%unknown% 100%', '', '%unknown% 100%'],
    ['%batch_num%', '', '%batch_num%'],
  ])('%j is folder %j and stem %j', (prefix, subfolder, stem) => {
    expect(resolvePrefix(prefix, { now, width: 640, height: 480 })).toEqual({ subfolder, stem })
  })

  test('knows no size without a picture', () => {
    expect(resolvePrefix('%width%', { now }).stem).toBe('0')
  })

  test.each(['../x', 'a/../../x', 'a/..', '/etc/x', '..\\x', 'C:\\x', 'c:/x', 'a\0b', '%date:../..%'])(
    '%j is refused with ComfyUI’s sentence',
    prefix => {
      expect(() => resolvePrefix(prefix, { now })).toThrow(
        expect.objectContaining({
          code: 'path-outside',
          message: expect.stringMatching(
            /^\*\*\*\* ERROR: Saving image outside the output folder is not allowed\./,
          ),
        }),
      )
    },
  )
})

describe('a safe name', () => {
  test.each([
    ['a<b>c:d"e|f?g*h.png', 'a_b_c_d_e_f_g_h.png'],
    ['a/b\\c.png', 'a_b_c.png'],
    ['a\nb\x00c', 'a_b_c'],
    ['..', '_'],
    ['.', '_'],
    ['日本語 😀.png', '日本語 😀.png'],
  ])('%j becomes %j', (name, safe) => {
    expect(safeName(name)).toBe(safe)
  })

  test('keeps its extension when it is cut', () => {
    expect(safeName(`${'x'.repeat(300)}.png`)).toBe(`${'x'.repeat(146)}.png`)
  })

  test.each([
    ['emoji', 'aaa', '😀'],
    ['Chinese', 'a', '图'],
  ])('is never cut inside a character: %s', (_what, start, character) => {
    const safe = safeName(start + character.repeat(100))
    expect(safe.isWellFormed()).toBe(true)
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(150)
    expect(safe).toMatch(new RegExp(`^${start}(${character})+$`, 'u'))
  })

  test('of a million characters takes no longer than a name should', { timeout: 1000 }, () => {
    expect(safeName('图'.repeat(1_000_000))).toHaveLength(50)
  })

  test('fits every file system, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), name => {
        const safe = safeName(name)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(150)
        expect(safe).not.toMatch(/[/\\]/)
        expect(safe.isWellFormed()).toBe(true)
      }),
    )
  })
})
