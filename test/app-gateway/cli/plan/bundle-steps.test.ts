import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ChangedBundle,
  takenInOnce,
  waitsForRestart,
} from '@sallyport/app-gateway/cli/plan/bundle-steps.ts';
import { SITE_YAML } from '../../site-fixture.ts';

const FILES = `${SITE_YAML}database: { kind: files }\n`;
const SERVER = `${SITE_YAML}database: { kind: postgresql, host: 10.0.3.5, ca: database/ca.crt }\n`;
const OTHER_NAME = SITE_YAML.replace('name: main,', 'name: first,');

function bundle(
  role: ChangedBundle['role'],
  changed: readonly string[],
  [before, after = before]: readonly [before: string | undefined, after?: string],
): ChangedBundle {
  return {
    role,
    changed,
    textOf: (path) =>
      path === 'site.yaml' ? { before, after } : { before: undefined, after: undefined },
  };
}

const ROWS: readonly [
  what: string,
  bundle: ChangedBundle,
  waiting: readonly string[],
  past: readonly string[],
][] = [
  [
    'a proxy’s channel files',
    bundle('proxy', ['channel.crt', 'channel.key', 'channel-ca.crt', 'SHA256SUMS'], [undefined]),
    [],
    [],
  ],
  [
    'a proxy’s settings',
    bundle('proxy', ['proxy.json', 'SHA256SUMS'], [undefined]),
    ['proxy.json'],
    [],
  ],
  [
    'whom a proxy believes',
    bundle('proxy', ['snapshot-signing.pub'], [undefined]),
    ['snapshot-signing.pub'],
    [],
  ],
  [
    'a gateway’s channel files',
    bundle('gateway', ['channel.crt', 'channel.key'], [SITE_YAML]),
    [],
    [],
  ],
  [
    'witnesses',
    bundle('gateway', ['witnesses.json', 'former-witnesses.json'], [SITE_YAML]),
    [],
    [],
  ],
  ['the cluster key', bundle('gateway', ['cluster.key'], [SITE_YAML]), ['cluster.key'], []],
  [
    'the authority of channels',
    bundle('gateway', ['channel-issuing.crt', 'channel-issuing.key'], [SITE_YAML]),
    ['channel-issuing.crt', 'channel-issuing.key'],
    [],
  ],
  ['another database', bundle('gateway', ['site.yaml'], [SITE_YAML, FILES]), ['database.kind'], []],
  [
    'the database’s authority',
    bundle('gateway', ['database/ca.crt'], [SERVER]),
    ['database/ca.crt'],
    [],
  ],
  [
    'its password, which is read each time',
    bundle('gateway', ['database/password'], [SERVER]),
    [],
    [],
  ],
  [
    'a site file that is not understood any more',
    bundle('gateway', ['site.yaml'], ['x: y', FILES]),
    ['site.yaml'],
    [],
  ],
  ['a partner, in files', bundle('gateway', ['partners/globex.yaml'], [FILES]), [], []],
  [
    'a partner, in a database',
    bundle('gateway', ['partners/globex.yaml'], [SITE_YAML]),
    [],
    ['partners/globex.yaml'],
  ],
  [
    'a certificate of ours, in a database',
    bundle('gateway', ['identities/main.crt', 'communities/ca.crt'], [SITE_YAML]),
    [],
    ['identities/main.crt'],
  ],
  [
    'a name of ours, in a database',
    bundle('gateway', ['site.yaml'], [SITE_YAML, OTHER_NAME]),
    [],
    ['"identities"'],
  ],
];

describe('what a changed bundle asks for', () => {
  for (const [what, changed, waiting, past] of ROWS) {
    it(`${what}: ${waiting.length === 0 ? 'a reload' : 'a restart'}`, () => {
      assert.deepEqual(waitsForRestart(changed), waiting);
      assert.deepEqual(takenInOnce(changed), past);
    });
  }
});
