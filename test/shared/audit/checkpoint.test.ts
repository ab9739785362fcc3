import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Checkpoint,
  formatCheckpoint,
  parseCheckpoint,
} from '@sallyport/shared/audit/checkpoint.ts';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const EXAMPLE = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;

describe('checkpoint (C2SP tlog-checkpoint)', () => {
  it('of the specification', () => {
    const checkpoint: Checkpoint = {
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163,
      root: Buffer.from(ROOT, 'base64'),
      extensions: [],
    };
    assert.deepEqual(parseCheckpoint(EXAMPLE), { ok: true, value: checkpoint });
    assert.equal(formatCheckpoint(checkpoint), EXAMPLE);
  });

  for (const text of [
    `a\n0\n${ROOT}\n`,
    `sallyport/site one\n9007199254740991\n${ROOT}\n`,
    `a\n1\n${ROOT}\nmore\nand more\n`,
  ]) {
    it(`is written as it was read: ${JSON.stringify(text)}`, () => {
      const checkpoint = parseCheckpoint(text);
      assert.equal(checkpoint.ok && formatCheckpoint(checkpoint.value), text);
    });
  }

  for (const text of [
    '',
    '\n',
    `a\n1\n`,
    `\n1\n${ROOT}\n`,
    `a\n01\n${ROOT}\n`,
    `a\n+1\n${ROOT}\n`,
    `a\n-1\n${ROOT}\n`,
    `a\n1.0\n${ROOT}\n`,
    `a\n1e3\n${ROOT}\n`,
    `a\n\n${ROOT}\n`,
    `a\n9007199254740992\n${ROOT}\n`,
    `a\n1\n${ROOT}`,
    `a\n1\n${ROOT}\n\n`,
    `a\n1\n${ROOT}\nmore`,
    `a\n1\n${ROOT}\n\nmore\n`,
    `a\n1\n${ROOT.slice(0, -1)}\n`,
    `a\n1\n${ROOT.replace('2I=', '2J=')}\n`,
    `a\n1\n${ROOT.slice(4)}\n`,
    `a\n1\n ${ROOT}\n`,
    `a\n1\n${ROOT}\n${'x\n'.repeat(100)}`,
  ]) {
    it(`is none: ${JSON.stringify(text.slice(0, 80))}`, () => {
      assert.deepEqual(parseCheckpoint(text), { ok: false, error: 'checkpoint-malformed' });
    });
  }
});
