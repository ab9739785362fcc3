import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { billOfMaterials, type Materials } from '@sallyport/deploy/bill-of-materials.ts';

const MATERIALS: Materials = {
  name: 'sallyport-gateway',
  version: '1.2.3',
  licence: 'Apache-2.0',
  packages: new Map([
    ['node_modules/pg', { version: '8.1.0', license: 'MIT', integrity: 'sha512-AAEC' }],
    [
      'app-gateway/node_modules/@a/b',
      { version: '2.0.0', license: '(BSD-3-Clause OR GPL-2.0)', integrity: 'sha1-AAEC' },
    ],
    ['node_modules/bare', { version: '3.0.0' }],
  ]),
  nodeVersions: { node: '26.0.0', openssl: '3.5.0', modules: '147', nghttp3: '', v8: undefined },
  bundler: { name: 'esbuild', version: '0.28.2' },
  madeAt: new Date(1_795_000_000_000),
};

interface Part {
  readonly type: string;
  readonly name: string;
  readonly 'bom-ref': string;
  readonly components?: readonly Part[];
  readonly [field: string]: unknown;
}

interface Bom {
  readonly [field: string]: unknown;
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: Part };
  readonly components: readonly Part[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const bom = (over: Partial<Materials> = {}) => billOfMaterials({ ...MATERIALS, ...over }) as Bom;
const part = (name: string) => bom().components.find((one) => one.name === name);

describe('a bill of materials (CycloneDX 1.6, ECMA-424)', () => {
  it('says what it is', () => {
    const { bomFormat, specVersion, version, serialNumber } = bom();
    assert.deepEqual([bomFormat, specVersion, version], ['CycloneDX', '1.6', 1]);
    assert.match(
      serialNumber,
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.equal(bom().metadata.timestamp, '2026-11-18T11:06:40.000Z');
  });

  it('gives every component type, name and a reference of its own', () => {
    const all = [bom().metadata.component, ...bom().components];
    const inner = all.flatMap((one) => [one, ...(one.components ?? [])]);
    for (const one of inner) assert.ok(one.type !== '' && one.name !== '', JSON.stringify(one));
    const references = inner.map((one) => one['bom-ref']);
    assert.equal(new Set(references).size, references.length);
  });

  it('refers to nothing that it does not hold', () => {
    const held = [bom().metadata.component, ...bom().components].map((one) => one['bom-ref']);
    for (const { ref, dependsOn } of bom().dependencies) {
      for (const one of [ref, ...dependsOn]) assert.ok(held.includes(one), one);
    }
  });

  it('writes a hash as the lock file has it, in hexadecimal, and none that is broken', () => {
    assert.deepEqual(part('pg')?.['hashes'], [{ alg: 'SHA-512', content: '000102' }]);
    assert.deepEqual(part('b')?.['hashes'], []);
    assert.equal(part('bare')?.['hashes'], undefined);
  });

  it('tells one licence from a choice of several', () => {
    assert.deepEqual(part('pg')?.['licenses'], [{ license: { id: 'MIT' } }]);
    assert.deepEqual(part('b')?.['licenses'], [{ expression: '(BSD-3-Clause OR GPL-2.0)' }]);
    assert.equal(part('bare')?.['licenses'], undefined);
  });

  it('names a package of a scope as package URLs do', () => {
    assert.equal(part('b')?.['purl'], 'pkg:npm/%40a/b@2.0.0');
    assert.equal(part('b')?.['group'], '@a');
    assert.equal(part('pg')?.['purl'], 'pkg:npm/pg@8.1.0');
  });

  it('lists the libraries in Node.js, and no number of an interface', () => {
    assert.deepEqual(
      part('node')?.components?.map(({ name }) => name),
      ['openssl'],
    );
  });

  it('is the same for the same materials, and another for others', () => {
    assert.deepEqual(bom(), bom());
    assert.notEqual(bom().serialNumber, bom({ version: '1.2.4' }).serialNumber);
  });
});
