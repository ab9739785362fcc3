import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  causeOf,
  failure,
  refusedOutcome,
  remedyOf,
  success,
  verdict,
} from '@sallyport/app-gateway/cli/outcome.ts';

describe('what a command has to say', () => {
  it('when it is done: 0, its lines, and ok with the facts', () => {
    assert.deepEqual(success(['one', 'two'], { hosts: 2 }), {
      exitCode: 0,
      text: 'one\ntwo',
      json: { ok: true, hosts: 2 },
    });
  });

  it('of what it looked at: exit code and ok say the same', () => {
    for (const isGood of [true, false]) {
      const { exitCode, json } = verdict(isGood, [], { answer: 1 });
      assert.deepEqual([exitCode, json], [isGood ? 0 : 1, { ok: isGood, answer: 1 }]);
    }
  });

  it('when it did not work, or was refused: 1, why, and what to do next', () => {
    assert.deepEqual(failure('no room', 'make some'), {
      exitCode: 1,
      isComplaint: true,
      text: 'error: no room\n  next: make some',
      json: { ok: false, error: { message: 'no room', next: 'make some' } },
    });
    const error = { code: 'busy', message: 'not now', next: 'later' };
    assert.deepEqual(refusedOutcome(error), {
      exitCode: 1,
      isComplaint: true,
      text: 'refused: not now\n  next: later',
      json: { ok: false, error },
    });
  });

  const rows = [
    ['ENOENT', 'no such file or folder'],
    ['EACCES', 'permission denied'],
    ['EPERM', 'permission denied'],
    ['ENOSPC', 'no space left on the disk'],
    ['EDQUOT', 'the quota of the disk is used up'],
    ['EROFS', 'the file system is read-only'],
    ['EMFILE', 'as the system says it'],
  ] as const;
  for (const [code, words] of rows) {
    it(`of a file: ${code}, ${words}`, () => {
      assert.equal(causeOf(Object.assign(new Error('as the system says it'), { code })), words);
    });
  }

  it('of a disk that is to blame: what to do about that; of anything else, what the command says', () => {
    const remedy = (code: string) => remedyOf(Object.assign(new Error(), { code }), 'look there');
    for (const code of ['ENOSPC', 'EDQUOT']) assert.match(remedy(code), /^make room there/);
    assert.match(remedy('EROFS'), /^mount it for writing/);
    assert.equal(remedy('EACCES'), 'look there');
    assert.match(remedyOf(new Error('no code')), /permissions/);
  });
});
