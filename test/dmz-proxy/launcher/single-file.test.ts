import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  INBORN_ARGUMENTS,
  packedEnrolment,
  packedEnrolmentArguments,
  packedLauncherArguments,
  packedWaiterArguments,
  packedWorkerArguments,
  type Role,
  roleIn,
} from '@sallyport/dmz-proxy/launcher/single-file.ts';

const ROLES: readonly (readonly [words: readonly string[], role: Role])[] = [
  [[], 'starter'],
  [['/b'], 'starter'],
  [['worker'], 'starter'],
  [['launcher'], 'starter'],
  [['/b', 'launcher'], 'launcher'],
  [['/b', '0', 'worker'], 'worker'],
  [['/b', 'enroller', 'request'], 'enroller'],
  [['/b', 'waiter'], 'waiter'],
  [['await', '/b'], 'starter'],
  [['await', 'waiter'], 'starter'],
  [['request', '--bundle', 'worker'], 'starter'],
  [['request', '--bundle', '/b'], 'starter'],
  [['request', 'launcher'], 'starter'],
  [['install', 'enroller', '--bundle', '/b'], 'starter'],
  [['/b', 'worker'], 'starter'],
  [['/b', '0'], 'starter'],
];

const QUOTED: readonly (readonly [folder: string, option: string])[] = [
  ['/b', '"--allow-fs-read=/b"'],
  ['/two words', '"--allow-fs-read=/two words"'],
  ['/a"b', '"--allow-fs-read=/a\\"b"'],
  ['/a\\b', '"--allow-fs-read=/a\\\\b"'],
];

describe('the single-file program', () => {
  it('begins with no file and no network', () => {
    assert.deepEqual(
      INBORN_ARGUMENTS.filter((argument) => /^--(permission|allow)/.test(argument)),
      ['--permission', '--allow-child-process'],
    );
  });

  for (const [words, role] of ROLES) {
    it(`[${words.join(' ')}] is a ${role}`, () => {
      assert.equal(roleIn(['/exe', 'name', ...words]), role);
    });
  }

  it('gives the launcher the bundle to read', () => {
    assert.deepEqual(packedLauncherArguments('/b'), [
      '--node-options="--allow-fs-read=/b"',
      '/b',
      'launcher',
    ]);
  });

  it('gives whoever waits for it the network and the bundle to read, and nothing to write or start', () => {
    assert.deepEqual(packedWaiterArguments('/b'), [
      '--node-options="--no-allow-child-process" "--allow-net" "--allow-fs-read=/b"',
      '/b',
      'waiter',
    ]);
  });

  it('gives whoever makes the channel key the bundle, and the certificate to read; no network, no children', () => {
    const request = { verb: 'request', bundle: '/b' } as const;
    const install = { verb: 'install', bundle: '/b', certificate: '/c.crt' } as const;
    assert.deepEqual(packedEnrolmentArguments(request), [
      '--node-options="--no-allow-child-process" "--allow-fs-read=/b" "--allow-fs-write=/b"',
      '/b',
      'enroller',
      'request',
    ]);
    const [options = '', ...words] = packedEnrolmentArguments(install);
    assert.match(
      options,
      /"--allow-fs-read=\/b" "--allow-fs-read=\/c\.crt" "--allow-fs-write=\/b"$/,
    );
    assert.deepEqual(words, ['/b', 'enroller', 'install', '/c.crt']);
    for (const enrolment of [request, install]) {
      const [, ...told] = packedEnrolmentArguments(enrolment);
      assert.deepEqual(packedEnrolment(['/exe', 'name', ...told]), enrolment);
    }
    assert.equal(packedEnrolment(['/exe', 'name', '/b', 'enroller', 'other']), undefined);
  });

  it('takes from a worker what the launcher has, and gives it the network and its spool', () => {
    assert.deepEqual(packedWorkerArguments('/b', 1, 'required'), [
      '--node-options="--no-allow-child-process" "--allow-net" "--allow-fs-read=/b" "--allow-fs-write=/b/spool" "--max-semi-space-size=4"',
      '/b',
      '1',
      'worker',
    ]);
  });

  it('leaves the permission model out where the bundle says so', () => {
    const [options] = packedWorkerArguments('/b', 0, 'off');
    assert.equal(
      options,
      '--node-options="--no-allow-child-process" "--no-permission" "--max-semi-space-size=4"',
    );
  });

  for (const [folder, option] of QUOTED) {
    it(`writes ${folder} so that Node reads it as one word`, () => {
      assert.equal(packedLauncherArguments(folder)[0], `--node-options=${option}`);
    });
  }

  it('gives the processes it starts the roles that they take', () => {
    const launcher = packedLauncherArguments('/b').slice(1);
    const worker = packedWorkerArguments('/b', 0, 'required').slice(1);
    assert.equal(roleIn(['/exe', 'name', ...launcher]), 'launcher');
    assert.equal(roleIn(['/exe', 'name', ...worker]), 'worker');
  });
});
