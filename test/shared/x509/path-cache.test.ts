import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { type Path, validatePath } from '@sallyport/shared/x509/path.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { buildCertificate, der, ecKey, extension, TEST_TIME_MS } from '../../x509-builder.ts';

const key = ecKey();
const one = provenPath('CN=one');
const two = provenPath('CN=two');
const three = provenPath('CN=three');

describe('remembered paths', () => {
  it('finds a path by its leaf, under its own scope only', () => {
    const cache = new PathCache(10);
    cache.keep('acme/1', one, 'acme');
    assert.equal(cache.find('acme/1', one.leaf, TEST_TIME_MS), one);
    assert.equal(cache.find('acme/2', one.leaf, TEST_TIME_MS), undefined);
    assert.equal(cache.find('other/1', one.leaf, TEST_TIME_MS), undefined);
    assert.equal(cache.find('acme/1', two.leaf, TEST_TIME_MS), undefined);
  });

  it('gives a path only within its dates', () => {
    const cache = new PathCache(10);
    cache.keep('acme/1', one, 'acme');
    assert.equal(cache.find('acme/1', one.leaf, one.notBeforeMs - 1), undefined);
    assert.equal(cache.find('acme/1', one.leaf, one.notBeforeMs), one);
    assert.equal(cache.find('acme/1', one.leaf, one.notAfterMs), one);
    assert.equal(cache.find('acme/1', one.leaf, one.notAfterMs + 1), undefined);
    assert.equal(cache.size, 0);
  });

  it('forgets the path unused for longest', () => {
    const cache = new PathCache(2);
    cache.keep('s', one, 'one');
    cache.keep('s', two, 'two');
    cache.find('s', one.leaf, TEST_TIME_MS);
    cache.keep('s', three, 'three');
    assert.equal(cache.size, 2);
    assert.equal(cache.find('s', two.leaf, TEST_TIME_MS), undefined);
    assert.equal(cache.find('s', one.leaf, TEST_TIME_MS), one);
    assert.equal(cache.find('s', three.leaf, TEST_TIME_MS), three);
  });

  it('keeps one entry for one leaf', () => {
    const cache = new PathCache(2);
    for (let n = 0; n < 5; n++) cache.keep('s', one, 'one');
    assert.equal(cache.size, 1);
  });

  it('knows a leaf by its very bytes, whatever became of its path', () => {
    const cache = new PathCache(2);
    assert.equal(cache.leaf(one.leaf.der), undefined);
    cache.keep('acme/1', one, 'acme');
    assert.equal(cache.leaf(Buffer.from(one.leaf.der)), one.leaf);
    const changed = Buffer.from(one.leaf.der);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    assert.equal(cache.leaf(changed), undefined);
    cache.find('acme/1', one.leaf, one.notAfterMs + 1);
    assert.equal(cache.size, 0);
    assert.equal(cache.leaf(one.leaf.der), one.leaf);
  });

  it('forgets the leaf unused for longest', () => {
    const cache = new PathCache(2);
    cache.keep('s', one, 'one');
    cache.keep('s', two, 'two');
    cache.leaf(one.leaf.der);
    cache.keep('s', three, 'three');
    assert.equal(cache.leaf(two.leaf.der), undefined);
    assert.equal(cache.leaf(one.leaf.der), one.leaf);
    assert.equal(cache.leaf(three.leaf.der), three.leaf);
  });

  it('keeps no more octets than places: long chains leave room for fewer', () => {
    const cache = new PathCache(40);
    const long = Array.from({ length: 20 }, (_, at) => provenPath(`CN=${at}`, 20_000));
    for (const path of long) cache.keep('s', path, path.leaf.fingerprintSha256);
    assert.deepEqual(namesKept(cache, long), namesOf(long.slice(-13)), 'three places each');
    assert.equal(long.filter(({ leaf }) => cache.leaf(leaf.der) !== undefined).length, 13);
  });

  it('one partner has a quarter of all places, and no more by making certificates', () => {
    const cache = new PathCache(12);
    cache.keep('s', one, 'globex');
    const made = Array.from({ length: 20 }, (_, at) => provenPath(`CN=${at}`));
    for (const path of made) cache.keep('s', path, 'mallory');
    assert.equal(cache.find('s', one.leaf, TEST_TIME_MS), one);
    assert.equal(cache.leaf(one.leaf.der), one.leaf);
    assert.equal(cache.size, 4);
    assert.deepEqual(namesKept(cache, made), namesOf(made.slice(-3)));
  });

  it('forgets everything when told to', () => {
    const cache = new PathCache(2);
    cache.keep('s', one, 'one');
    cache.clear();
    assert.equal(cache.find('s', one.leaf, TEST_TIME_MS), undefined);
    assert.equal(cache.leaf(one.leaf.der), undefined);
  });
});

function namesKept(cache: PathCache, paths: readonly Path[]): readonly string[] {
  return namesOf(paths.filter(({ leaf }) => cache.find('s', leaf, TEST_TIME_MS) !== undefined));
}

function namesOf(paths: readonly Path[]): readonly string[] {
  return paths.flatMap(({ leaf }) => leaf.subjectCommonNames);
}

function provenPath(subject: string, octets = 1): Path {
  const padding = extension('1.3.6.1.4.1.55555.1', false, der(0x04, Buffer.alloc(octets)));
  const certificate = parseCertificate(buildCertificate({ subject, key, extensions: [padding] }));
  assert.ok(certificate.ok);
  const path = validatePath({
    leaf: certificate.value,
    intermediates: [],
    anchors: [certificate.value],
    pins: [],
    purpose: 'client',
    policy: defaultPathPolicy,
    atMs: TEST_TIME_MS,
  });
  assert.ok(path.ok);
  return path.value;
}
