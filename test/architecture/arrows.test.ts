import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { backwardArrows, ROOMS, violations, ZONES } from './arrows.ts';
import { ROOT, sourceFiles } from './source-tree.ts';

describe('arrows between the parts', () => {
  for (const workspace of ['shared', 'dmz-proxy', 'certs', 'app-gateway']) {
    it(`${workspace} knows only what it may`, () => {
      assert.deepEqual(violations(sourceFiles(workspace)), []);
    });
  }

  for (const program of ['dmz-proxy', 'app-gateway'] as const) {
    it(`every room of ${program} has its place in the order`, () => {
      const rooms = sourceFiles(`${program}/src`).flatMap(({ path }) =>
        path.split('/').slice(2, -1).slice(0, 1),
      );
      assert.deepEqual([...new Set(rooms)].sort(), [...ROOMS[program]].sort());
    });
  }

  it('app-gateway has no arrow back up', () => {
    assert.deepEqual(backwardArrows(ZONES), []);
  });

  for (const workspace of ['shared', 'dmz-proxy']) {
    it(`${workspace} declares no third-party package`, () => {
      const text = readFileSync(join(ROOT, workspace, 'package.json'), 'utf8');
      const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
      const names = ['dependencies', 'optionalDependencies', 'peerDependencies']
        .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
        .filter((name) => name !== '@sallyport/shared');
      assert.deepEqual(names, []);
    });
  }
});

describe('the scan for arrows sees', () => {
  const seeded: readonly (readonly [path: string, text: string])[] = [
    ['shared/src/sip/a.ts', "import { readFileSync } from 'node:fs';"],
    ['shared/src/sip/a.ts', "import { connect } from 'net';"],
    ['shared/src/sip/a.ts', "import { x } from '../io/output-buffer.ts';"],
    ['shared/src/sip/a.ts', "import { x } from '../x509/path.ts';"],
    ['shared/src/sip/a.ts', 'const t = Date.now();'],
    ['shared/src/sip/a.ts', "import { randomBytes } from 'node:crypto';"],
    ['shared/src/net/a.ts', "import type { Uri } from '../sip/uri.ts';"],
    ['shared/src/x509/a.ts', 'const t = new Date();'],
    ['shared/src/x509/a.ts', "import { connect } from 'node:tls';"],
    ['shared/src/channel/a.ts', "import type { TLSSocket } from 'node:tls';"],
    ['shared/src/channel/a.ts', 'setTimeout(f, 1);'],
    ['shared/src/io/a.ts', "import { z } from 'zod';"],
    ['shared/src/io/a.ts', "import { x } from '@sallyport/certs/leaf.ts';"],
    ['dmz-proxy/src/a.ts', "import { z } from 'zod';"],
    ['dmz-proxy/src/flows/a.ts', "import type { Audit } from '../audit/audit.ts';"],
    ['dmz-proxy/src/identity/a.ts', "import { x } from '../worker.ts';"],
    ['dmz-proxy/src/a.ts', "import type { Site } from '@sallyport/app-gateway/config/site.ts';"],
    ['dmz-proxy/src/a.ts', "export { x } from '../../app-gateway/src/config/site.ts';"],
    ['dmz-proxy/src/a.ts', "const x = await import('@sallyport/certs/leaf.ts');"],
    ['dmz-proxy/src/a.ts', 'const x = await import(`pg`);'],
    ['dmz-proxy/src/a.ts', 'const x = await import(name);'],
    ['dmz-proxy/src/a.ts', "import {\n  createRequire,\n} from 'node:module';"],
    ['dmz-proxy/src/a.ts', "process.getBuiltinModule('vm');"],
    ['dmz-proxy/src/a.ts', "process.getBuiltinModule('node:http2');"],
    ['certs/src/a.ts', "import { x } from '@sallyport/app-gateway/config/site.ts';"],
    ['certs/src/a.ts', "import 'winston';"],
    ['app-gateway/src/domain/a.ts', "import { x } from '../adapters/files/site-folder.ts';"],
    ['app-gateway/src/domain/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['app-gateway/src/domain/a.ts', "import { x } from '@sallyport/certs/leaf.ts';"],
    ['app-gateway/src/config/a.ts', "import { x } from '../domain/own-names.ts';"],
    ['app-gateway/src/domain/a.ts', "import type { State } from '../ports/state-store.ts';"],
    ['app-gateway/src/ports/a.ts', "import { x } from '../ledger/intake.ts';"],
    ['app-gateway/src/gateway/a.ts', "import { x } from '../cli/outcome.ts';"],
    ['app-gateway/src/adapters/a.ts', "import { x } from '../cli/outcome.ts';"],
    ['app-gateway/src/cli/a.ts', "import { x } from '@sallyport/dmz-proxy/launcher/launch.ts';"],
    ['app-gateway/src/plan/a.ts', "import { x } from '../cli/outcome.ts';"],
    ['app-gateway/src/plan/render/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['app-gateway/src/main.ts', "import { x } from '@sallyport/dmz-proxy/launcher/launch.ts';"],
    ['app-gateway/src/doctor/a.ts', "import { readFileSync } from 'node:fs';"],
    ['app-gateway/src/doctor/a.ts', 'const t = Date.now();'],
    ['app-gateway/src/adapters/host/a.ts', "import { x } from '../files/site-folder.ts';"],
    ['elsewhere/src/a.ts', ''],
  ];
  for (const [path, text] of seeded) {
    it(`${path}: ${text}`, () => assert.equal(violations([{ path, text }]).length, 1));
  }

  it('a zone of app-gateway that knows a later room, or all of them', () => {
    const zone = (folder: string, own: readonly string[]) => ({
      folder: `app-gateway/src/${folder}`,
      own: own.map((known) => `app-gateway/src/${known}`),
      node: [],
      packages: [],
    });
    const zones = [
      zone('config/', ['config/', 'domain/']),
      zone('domain/', ['config/', 'domain/', 'ports/']),
      zone('adapters/host/', ['doctor/', '']),
      zone('cli/', ['adapters/files/', 'program-version.ts']),
      zone('', ['']),
    ];
    assert.deepEqual(backwardArrows(zones), [
      'app-gateway/src/config/ -> app-gateway/src/domain/',
      'app-gateway/src/domain/ -> app-gateway/src/ports/',
      'app-gateway/src/adapters/host/ -> app-gateway/src/',
    ]);
  });

  const allowed: readonly (readonly [path: string, text: string])[] = [
    ['shared/src/sip/a.ts', "// import { x } from 'node:fs';\nconst quoted = 'Date.now';"],
    [
      'shared/src/sip/a.ts',
      "import { hash } from 'node:crypto';\nimport { ok } from '../result.ts';",
    ],
    ['shared/src/x509/a.ts', 'const t = Date.UTC(2026, 0, 1);'],
    ['dmz-proxy/src/a.ts', "process.getBuiltinModule('node:http');"],
    ['dmz-proxy/src/a.ts', "import { x } from '@sallyport/shared/sip/uri.ts';\nimport './b.ts';"],
    ['app-gateway/src/cli/a.ts', "import { x } from '@sallyport/certs/leaf.ts';"],
    ['app-gateway/src/cli/a.ts', "import.meta.resolve('@sallyport/dmz-proxy/main.ts');"],
  ];
  for (const [path, text] of allowed) {
    it(`nothing wrong in ${path}: ${text}`, () => {
      assert.deepEqual(violations([{ path, text }]), []);
    });
  }
});
