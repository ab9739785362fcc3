import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bundleFileFindings,
  writableFindings,
} from '@sallyport/app-gateway/doctor/file-findings.ts';
import type { FileFacts } from '@sallyport/app-gateway/doctor/system-view.ts';
import { fakeSystem, glance } from './fake-system.ts';

const BUNDLE = '/etc/sallyport/edge-1';
const USER = { uid: 998, gids: [998, 100] };
/** As the packages install it: root’s, and readable by the group of the program. */
const PACKAGED: Readonly<Record<string, Partial<FileFacts>>> = {
  [BUNDLE]: { kind: 'folder', mode: 0o750 },
  [`${BUNDLE}/proxy.json`]: { mode: 0o640 },
  [`${BUNDLE}/channel.key`]: { mode: 0o640 },
  [`${BUNDLE}/channel.crt`]: { mode: 0o644 },
  [`${BUNDLE}/identities`]: { kind: 'folder', mode: 0o750 },
  [`${BUNDLE}/identities/main.key`]: { mode: 0o640 },
  [`${BUNDLE}/spool`]: { kind: 'folder', mode: 0o777, uid: 998 },
  [`${BUNDLE}/spool/channel.key`]: { mode: 0o666, uid: 998 },
};

function bad(path: string, change: Partial<FileFacts>, user: typeof USER | undefined = USER) {
  const facts = { ...PACKAGED, [path]: { ...PACKAGED[path], ...change } };
  const found = bundleFileFindings(fakeSystem({ facts }), BUNDLE, user);
  return glance(found.filter(({ level }) => level !== 'ok'));
}

describe('files of a bundle', () => {
  it('as packages install them: nothing to say, whatever is in the spool', () => {
    assert.deepEqual(bad(BUNDLE, {}), []);
  });

  const KEY = `${BUNDLE}/identities/main.key`;
  const rows: readonly (readonly [string, string, Partial<FileFacts>, readonly string[]])[] = [
    ['a key that all may read', KEY, { mode: 0o644 }, ['fault keys-closed']],
    [
      'a key that its group may change',
      KEY,
      { mode: 0o660 },
      ['fault keys-unchangeable', 'warning bundle-not-its-own'],
    ],
    [
      'settings that all may change',
      `${BUNDLE}/proxy.json`,
      { mode: 0o642 },
      ['fault bundle-unchangeable'],
    ],
    [
      'settings that the program may change',
      `${BUNDLE}/proxy.json`,
      { uid: 998 },
      ['warning bundle-not-its-own'],
    ],
    [
      'settings of a group of the program',
      `${BUNDLE}/proxy.json`,
      { gid: 100, mode: 0o660 },
      ['warning bundle-not-its-own'],
    ],
    ['settings of another group', `${BUNDLE}/proxy.json`, { gid: 50, mode: 0o660 }, []],
    ['a folder where it may put files', BUNDLE, { uid: 998 }, ['warning bundle-not-its-own']],
  ];
  for (const [what, path, change, expected] of rows) {
    it(`${what}: ${expected.join(', ') || 'fine'}`, () => {
      assert.deepEqual(bad(path, change), expected);
    });
  }

  it('whose the program is, is not known while none runs', () => {
    const found = bundleFileFindings(fakeSystem({ facts: PACKAGED }), BUNDLE, undefined);
    assert.deepEqual(glance(found).at(-1), 'unknown bundle-not-its-own');
  });

  it('says which files', () => {
    const facts = { ...PACKAGED, [KEY]: { mode: 0o644 } };
    const [first] = bundleFileFindings(fakeSystem({ facts }), BUNDLE, USER);
    assert.equal(first?.where, KEY);
  });

  const folder = '/var/lib/sallyport/edge-1/spool';
  const writable: readonly (readonly [string, Partial<FileFacts> | undefined, string])[] = [
    ['its own', { uid: 998, mode: 0o700 }, 'ok'],
    ['its own, closed to itself', { uid: 998, mode: 0o500 }, 'fault'],
    ['of its group', { gid: 998, mode: 0o770 }, 'ok'],
    ['root’s', { uid: 0, gid: 0, mode: 0o755 }, 'fault'],
    ['missing', undefined, 'unknown'],
  ];
  for (const [what, facts, level] of writable) {
    it(`a folder to write to that is ${what}: ${level}`, () => {
      const system = fakeSystem(facts === undefined ? {} : { facts: { [folder]: facts } });
      assert.deepEqual(glance(writableFindings(system, [folder], USER)), [`${level} writable`]);
    });
  }
});
