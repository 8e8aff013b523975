import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { NodeContext } from '../../nodes/context.ts'
import type { RegexFlags } from '../../nodes/text/python-regex.ts'
import { runRegexTask } from '../../nodes/text/regex-task.ts'
import { runRegex } from '../../nodes/text/run-regex.ts'
import { openNodeBench } from '../support/node-bench.ts'
import formats from './python/format.json' with { type: 'json' }
import regexes from './python/regex.json' with { type: 'json' }
import strings from './python/strings.json' with { type: 'json' }
import { nodeOf } from './support.ts'

/** Calls a node and gives its first output. */
async function first(type: string, inputs: Record<string, unknown>, context: Partial<NodeContext> = {}) {
  const bench = await openNodeBench()
  const node = nodeOf(type)
  const outputs = await bench.run(node, inputs, context)
  return outputs[node.outputs[0]?.name ?? '']
}

describe('texts are treated as Python treats them', () => {
  // What Python 3.11 gave for the same calls.
  test.each(strings)('%j', async (...row) => {
    const [text, upper, lower, capital, title, both, left, right, length, inner, tail, dashed] = row
    const string = String(text)
    const given = [
      await first('CaseConverter', { string, mode: 'UPPERCASE' }),
      await first('CaseConverter', { string, mode: 'lowercase' }),
      await first('CaseConverter', { string, mode: 'Capitalize' }),
      await first('CaseConverter', { string, mode: 'Title Case' }),
      await first('StringTrim', { string, mode: 'Both' }),
      await first('StringTrim', { string, mode: 'Left' }),
      await first('StringTrim', { string, mode: 'Right' }),
      await first('StringLength', { string }),
      await first('StringSubstring', { string, start: 1, end: -1 }),
      await first('StringSubstring', { string, start: -3, end: 9223372036854775807n }),
      await first('StringReplace', { string, find: '', replace: '-' }),
    ]
    expect(given).toEqual([upper, lower, capital, title, both, left, right, length, inner, tail, dashed])
  })

  test('joined, replaced letter by letter, searched and compared', async () => {
    expect(await first('StringConcatenate', { string_a: 'a', string_b: 'b', delimiter: ', ' })).toBe('a, b')
    expect(await first('StringReplace', { string: 'a.a$a', find: 'a', replace: '$&' })).toBe('$&.$&$$&')
    const contains = (substring: string, case_sensitive: boolean) =>
      first('StringContains', { string: 'Hello', substring, case_sensitive })
    expect(await contains('ell', true)).toBe(true)
    expect(await contains('ELL', true)).toBe(false)
    expect(await contains('ELL', false)).toBe(true)
    const compare = (mode: string, string_b: string, case_sensitive = true) =>
      first('StringCompare', { string_a: 'Hello', string_b, mode, case_sensitive })
    expect(await compare('Starts With', 'He')).toBe(true)
    expect(await compare('Ends With', 'LO', false)).toBe(true)
    expect(await compare('Equal', 'hello')).toBe(false)
    expect(await compare('Equal', 'hello', false)).toBe(true)
  })

  test.each([
    ['{"a": "x"}', 'x'],
    ['{"a": 1}', '1'],
    ['{"a": 1.0}', '1.0'],
    ['{"a": 12345678901234567890}', '12345678901234567890'],
    ['{"a": true}', 'True'],
    ['{"a": [1, 2.5, "q", null]}', "[1, 2.5, 'q', None]"],
    ['{"a": {"b": 1e3}}', "{'b': 1000.0}"],
    ['{"a": null}', ''],
    ['{"b": 1}', ''],
    ['["a"]', ''],
    ['no JSON', ''],
    ['{"toString": 1}', ''],
  ])('of %s the key "a" is %j', async (json_string, value) => {
    expect(await first('JsonExtractString', { json_string, key: 'a' })).toBe(value)
  })
})

describe('StringFormat', () => {
  const format = (f_string: string, values: Record<string, [unknown, string]>) =>
    first(
      'StringFormat',
      {
        f_string,
        ...Object.fromEntries(Object.entries(values).map(([key, [value]]) => [`values.${key}`, value])),
      },
      { linkedType: input => values[input.slice('values.'.length)]?.[1] },
    )

  test('formats as Python 3.11 does, and refuses what it refuses', async () => {
    for (const [type, written, template, expected] of formats) {
      const value =
        type === 'INT'
          ? BigInt(String(written))
          : type === 'FLOAT'
            ? Number(String(written).replace('inf', 'Infinity'))
            : written
      const given = await format(String(template), { a: [value, String(type)] }).catch(error => {
        expect(error).toMatchObject({ code: 'bad-format' })
        return null
      })
      expect([type, written, template, given]).toEqual([type, written, template, expected])
    }
  })

  test('names several values, also inside formats, and doubles braces', async () => {
    const values: Record<string, [unknown, string]> = {
      a: [3.5, 'FLOAT'],
      b: [12, 'INT'],
      c: ['x', 'STRING'],
    }
    expect(await format('{c}: {a:>{b}.2f}|{{{b}}}', values)).toBe('x:         3.50|{12}')
    expect(await format('{c[0]}', { c: ['xyz', 'STRING'] })).toBe('x')
    expect(await format('nothing', {})).toBe('nothing')
  })

  test.each([
    ['{b}', 'Nothing is connected to "b", but the text has "{b}".'],
    ['{}', 'Values go by their names here, not by numbers, but the text has "{}".'],
    ['{0}', 'Values go by their names here, not by numbers, but the text has "{0}".'],
    ['{a', 'There is a "{" without its "}". Write "{{" for a brace.'],
    ['a}', 'There is a single "}". Write "}}" for a brace.'],
    ['{a:q}', '":q" is no format that Python knows.'],
    ['{a.real}', '".real": attributes of values cannot be read here.'],
    ['{a:99999}', '":99999" asks for more than 10000 places.'],
  ])('%s is refused with a sentence', async (template, message) => {
    await expect(format(template, { a: [1, 'INT'] })).rejects.toMatchObject({ code: 'bad-format', message })
  })
})

describe('patterns', () => {
  const flagsOf = (letters: string): RegexFlags => ({
    ignoreCase: letters.includes('i'),
    multiline: letters.includes('m'),
    dotAll: letters.includes('s'),
  })
  type Case = (typeof regexes)[number] & Record<string, unknown>

  test('find and replace what Python 3.11 finds and replaces, and are refused where it refuses them', () => {
    for (const example of regexes as Case[]) {
      const { pattern, text } = example
      const run = (task: object) => {
        try {
          return runRegexTask({ pattern, text, flags: flagsOf(example.flags), ...task } as never)
        } catch (error) {
          return `refused: ${(error as Error).constructor.name}`
        }
      }
      const refused = 'refused: RegexSyntaxError'
      const isBad = example.error !== undefined
      const find = (mode: string) => run({ kind: 'find', mode, group: example.g ?? 1 })
      const replaced = run({ kind: 'replace', replacement: example.rep ?? '', count: example.c ?? 0 })
      const outcome = { s: run({ kind: 'search' }), fm: find('First Match'), am: find('All Matches') }
      const groups = { fg: find('First Group'), ag: find('All Groups') }
      const { s, fm, am, fg, ag } = example
      expect({ pattern, text, ...outcome, ...groups, replaced }).toEqual(
        isBad
          ? {
              pattern,
              text,
              s: refused,
              fm: refused,
              am: refused,
              fg: refused,
              ag: refused,
              replaced: refused,
            }
          : {
              pattern,
              text,
              s,
              fm,
              am,
              fg,
              ag,
              replaced: example.suberr === undefined ? example.sub : refused,
            },
      )
    }
  })

  test('any text, with its signs escaped as Python escapes them, finds itself', () => {
    const escaped = (text: string) => text.replace(/[\s\-#&~()[\]{}?*+|^$\\.]/gu, sign => `\\${sign}`)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, around) => {
        const task = { pattern: escaped(text), text: around + text + around, flags: flagsOf('') }
        expect(runRegexTask({ ...task, kind: 'find', mode: 'First Match', group: 0 })).toBe(text)
      }),
    )
  })

  test('nothing that can be written ends in anything but an answer or a refusal', () => {
    const piece = fc.constantFrom(
      ...'ab.^$*+?{}[](|)\\-:=!<>#Pi1,w',
      '(?',
      '(?P<n>',
      '[^',
      '\\d',
      '{2,',
      '++',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.constantFrom('', 'i', 'm', 's'),
        (pieces, letters) => {
          try {
            runRegexTask({ kind: 'search', pattern: pieces.join(''), text: 'ab1', flags: flagsOf(letters) })
          } catch (error) {
            expect((error as Error).constructor.name).toMatch(/^Regex(Syntax|Unsupported)Error$/)
          }
        },
      ),
    )
  })

  const match = (regex_pattern: string, text = 'a') =>
    first('RegexMatch', {
      string: text,
      regex_pattern,
      case_insensitive: true,
      multiline: false,
      dotall: false,
    })

  test('the nodes: what cannot be read is not found, and an error when replacing', async () => {
    expect(await match('A')).toBe(true)
    expect(await match('(')).toBe(false)
    const extract = (mode: string, group_index = 1) =>
      first('RegexExtract', {
        string: 'x=1, y=22',
        regex_pattern: '(?P<key>\\w)=(\\d+)',
        mode,
        case_insensitive: true,
        multiline: false,
        dotall: false,
        group_index,
      })
    expect(await extract('First Match')).toBe('x=1')
    expect(await extract('All Matches')).toBe('x\ny')
    expect(await extract('First Group', 2)).toBe('1')
    expect(await extract('All Groups', 2)).toBe('1\n22')
    expect(await extract('All Groups', 3)).toBe('')
    const replace = (regex_pattern: string) =>
      first('RegexReplace', { string: 'x=1, y=22', regex_pattern, replace: '\\2=\\g<key>', count: 1 })
    expect(await replace('(?P<key>\\w)=(\\d+)')).toBe('1=x, y=22')
    await expect(replace('(')).rejects.toMatchObject({
      code: 'bad-regex',
      message: 'The pattern "(" cannot be used: missing ), unterminated subpattern.',
    })
  })

  test('what Python has and this has not is said, never silently not found', async () => {
    await expect(match('(a)(?(1)b|c)')).rejects.toMatchObject({ code: 'bad-regex' })
  })

  test('a pattern without end is stopped when its time is up, with a sentence', async () => {
    const task = {
      kind: 'search',
      pattern: '(a+)+$',
      text: `${'a'.repeat(60)}!`,
      flags: flagsOf(''),
    } as const
    const options = { signal: new AbortController().signal, mustCompile: false, limitMs: 100 }
    await expect(runRegex(task, options)).rejects.toMatchObject({
      code: 'regex-too-slow',
      message: 'The pattern "(a+)+$" takes too long on this text of 61 characters: stopped after 0.1 s.',
    })
    expect(await runRegex({ ...task, pattern: 'a!$' }, options)).toBe(true)
  })

  test('a pattern without end is stopped with its run, others go on, and the loop is free all the while', async () => {
    const controller = new AbortController()
    const bench = await openNodeBench()
    const inputs = { string: `${'a'.repeat(60)}!`, regex_pattern: '(a+)+$', case_insensitive: false }
    const endless = bench.run(nodeOf('RegexMatch'), inputs, { signal: controller.signal })
    const other = match('A')
    await new Promise<void>(resolve => setTimeout(resolve, 0))
    controller.abort(new Error('stopped'))
    await expect(endless).rejects.toThrow('stopped')
    expect(await other).toBe(true)
  })
})
