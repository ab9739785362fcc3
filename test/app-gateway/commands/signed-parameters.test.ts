import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { CommandParameter } from '@sallyport/app-gateway/commands/command.ts';
import {
  isWhatWasSigned,
  signedParameters,
} from '@sallyport/app-gateway/commands/signed-parameters.ts';

const DEFINITIONS: readonly CommandParameter[] = [
  { name: 'partner', description: '', kind: 'text' },
  { name: 'file', description: '', kind: 'file' },
  { name: 'files', description: '', kind: 'files' },
  { name: 'folder', description: '', kind: 'folder' },
  { name: 'password', description: '', kind: 'secret' },
];
const FILE = { name: 'a.pem', base64: Buffer.from('abc').toString('base64') };
const BOUND = { name: 'a.pem', sha256: hash('sha256', 'abc'), bytes: 3 };

describe('what is signed of parameters', () => {
  it('binds files by content, leaves secrets out, and takes the rest as it is', () => {
    const parameters = {
      partner: 'globex',
      file: FILE,
      files: [FILE],
      folder: [{ ...FILE, name: 'x/a.pem' }],
      password: 'hunter2',
      absent: undefined,
    };
    const signed = signedParameters(DEFINITIONS, parameters);
    assert.deepEqual(signed, {
      partner: 'globex',
      file: BOUND,
      files: [BOUND],
      folder: [{ ...BOUND, name: 'x/a.pem' }],
    });
    assert.ok(isWhatWasSigned(DEFINITIONS, parameters, signed));
  });

  const rows = [
    ['another value', { partner: 'initech', file: FILE }],
    ['another content', { partner: 'globex', file: { ...FILE, base64: 'AAAA' } }],
    ['another file name', { partner: 'globex', file: { ...FILE, name: 'b.pem' } }],
    ['a value more', { partner: 'globex', file: FILE, force: true }],
    ['a value less', { partner: 'globex' }],
  ] as const;
  for (const [what, sent] of rows) {
    it(`sees ${what}`, () => {
      const signed = signedParameters(DEFINITIONS, { partner: 'globex', file: FILE });
      assert.equal(isWhatWasSigned(DEFINITIONS, sent, signed), false);
    });
  }
});
