import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import fc from 'fast-check';

const NOW_MS = Date.UTC(2026, 4, 1, 10, 20, 30, 400);

function linesOf(
  log: (logger: ReturnType<typeof jsonLog>) => void,
  base: Parameters<typeof jsonLog>[1] = {},
): string[] {
  const lines: string[] = [];
  log(
    jsonLog(
      (line) => lines.push(line),
      base,
      () => NOW_MS,
    ),
  );
  return lines;
}

function fieldsOf(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? '') as Record<string, unknown>;
}

describe('JSON log', () => {
  it('writes time, level, event, base fields and own fields on one line', () => {
    const lines = linesOf((logger) => logger.warn('flow-closed', { partner: 'globex', bytes: 3 }), {
      node: 'edge-1',
    });
    assert.deepEqual(lines, [
      '{"time":"2026-05-01T10:20:30.400Z","level":"warn","event":"flow-closed","node":"edge-1","partner":"globex","bytes":3}\n',
    ]);
  });

  for (const level of ['info', 'warn', 'error'] as const) {
    it(`names the level ${level}`, () => {
      const [line] = linesOf((logger) => logger[level]('x'));
      assert.equal(fieldsOf(line)['level'], level);
    });
  }

  it('does not let a field take the place of time, level, event or a base field', () => {
    // What types keep our own code from.
    const foreign: object = { time: 'never', level: 'none', event: 'y', node: 'other' };
    const [line] = linesOf((logger) => logger.info('x', { ...foreign }), { node: 'edge-1' });
    const fields = fieldsOf(line);
    assert.deepEqual(
      [fields['time'], fields['level'], fields['event'], fields['node']],
      ['2026-05-01T10:20:30.400Z', 'info', 'x', 'edge-1'],
    );
  });

  const escapes: readonly (readonly [name: string, text: string, shown: string])[] = [
    ['line break', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['terminal escape', '\u001b[2J', '\\u{1b}[2J'],
    ['C1 control', '\u009b31m', '\\u{9b}31m'],
    ['line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['right-to-left override', 'a\u202eb', 'a\\u{202e}b'],
    ['ordinary letters', 'Zürich 東京 🙂', 'Zürich 東京 🙂'],
  ];
  for (const [name, text, shown] of escapes) {
    it(`shows a ${name} as ${JSON.stringify(shown)}`, () => {
      const [line] = linesOf((logger) => logger.info('x', { text }));
      assert.equal(fieldsOf(line)['text'], shown);
    });
  }

  it('cuts values after 512 characters and keeps those of 512', () => {
    const [at, over] = linesOf((logger) => {
      logger.info('x', { text: 'a'.repeat(512) });
      logger.info('x', { text: 'a'.repeat(513) });
    });
    assert.equal(fieldsOf(at)['text'], 'a'.repeat(512));
    assert.equal(fieldsOf(over)['text'], `${'a'.repeat(512)}…`);
  });

  it('keeps a line to 32 fields', () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`f${index}`, index]),
    );
    const [line] = linesOf((logger) => logger.info('x', many));
    assert.equal(Object.keys(fieldsOf(line)).length, 32);
  });

  it('is one line of printable JSON whatever is logged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (event, text) => {
        const [line = ''] = linesOf((logger) => logger.info(event, { text, [text]: 1 }));
        assert.equal(line.indexOf('\n'), line.length - 1);
        assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Zl}\p{Zp}]/u);
        JSON.parse(line);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
