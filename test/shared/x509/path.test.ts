import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { type PathRequest, validatePath } from '@sallyport/shared/x509/path.ts';
import { PathEffort } from '@sallyport/shared/x509/path-effort.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import {
  authorityKeyId,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  ecKey,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  Oid,
  subjectAltName,
  subjectKeyId,
  TEST_TIME_MS,
  type TestKey,
} from '../../x509-builder.ts';

const rootKey = ecKey();
const otherKey = ecKey();
const middleKey = ecKey();
const leafKey = ecKey();
const san = subjectAltName(['dns:example.com']);
const root = ca('CN=Root', rootKey);
const middle = ca('CN=Middle', middleKey, { subject: 'CN=Root', key: rootKey });
const leaf = parsed({
  subject: 'CN=Leaf',
  key: leafKey,
  issuer: { subject: 'CN=Middle', key: middleKey },
  extensions: [san, keyUsage(0), extendedKeyUsage([Oid.serverAuth])],
});

describe('certification path (RFC 5280 §6)', () => {
  it('leads from the leaf over an intermediate to the anchor', () => {
    const path = validatePath(asked({}));
    assert.ok(path.ok);
    assert.deepEqual(path.value.chain.map(subjectOf), ['Leaf', 'Middle', 'Root']);
    assert.equal(path.value.leaf, leaf);
  });

  it('is valid while all of its certificates are', () => {
    const late = ca(
      'CN=Middle',
      middleKey,
      { subject: 'CN=Root', key: rootKey },
      {
        notBeforeMs: Date.UTC(2026, 2, 1),
      },
    );
    const path = validatePath(asked({ intermediates: [late] }));
    assert.ok(path.ok);
    assert.equal(path.value.notBeforeMs, Date.UTC(2026, 2, 1));
    assert.equal(path.value.notAfterMs, leaf.notAfterMs);
  });

  it('does not care for the order or the company of the intermediates', () => {
    const stranger = ca('CN=Stranger', otherKey);
    for (const intermediates of [
      [stranger, root, middle],
      [middle, middle, stranger, root, leaf],
    ]) {
      assert.equal(validatePath(asked({ intermediates })).ok, true);
    }
  });

  it('may rest on an intermediate as anchor, and the root may be missing or only sent', () => {
    const path = validatePath(asked({ intermediates: [root], anchors: [middle] }));
    assert.ok(path.ok);
    assert.deepEqual(path.value.chain.map(subjectOf), ['Leaf', 'Middle']);
  });

  it('is not found without the intermediate', () => {
    assert.deepEqual(faultOf({ intermediates: [] }), 'path-not-found');
  });

  it('does not rest on what the peer sent', () => {
    assert.equal(faultOf({ anchors: [], intermediates: [middle, root] }), 'path-not-found');
  });

  it('does not lead to another anchor of the same name', () => {
    const twin = ca('CN=Root', otherKey);
    assert.equal(faultOf({ anchors: [twin] }), 'path-signature-bad');
  });

  it('finds the anchor behind one of the same name and another key', () => {
    const twin = ca('CN=Root', otherKey);
    assert.equal(validatePath(asked({ anchors: [twin, root] })).ok, true);
  });

  it('goes round an expired twin of an intermediate', () => {
    const expired = ca(
      'CN=Middle',
      middleKey,
      { subject: 'CN=Root', key: rootKey },
      {
        notAfterMs: TEST_TIME_MS - 1000,
        notBeforeMs: TEST_TIME_MS - 2000,
      },
    );
    assert.equal(validatePath(asked({ intermediates: [expired, middle] })).ok, true);
    assert.equal(faultOf({ intermediates: [expired] }), 'path-expired');
  });

  it('tries the issuer first whose key identifier agrees', () => {
    const hinted = ca('CN=Middle', middleKey, { subject: 'CN=Root', key: rootKey }, {}, [
      subjectKeyId(middleKey),
    ]);
    const decoys = Array.from({ length: 40 }, () =>
      ca('CN=Middle', ecKey(), { subject: 'CN=Root', key: rootKey }),
    );
    const withHint = parsed({
      subject: 'CN=Leaf',
      key: leafKey,
      issuer: { subject: 'CN=Middle', key: middleKey },
      extensions: [san, authorityKeyId(middleKey)],
    });
    const intermediates = [...decoys, hinted];
    assert.equal(validatePath(asked({ leaf: withHint, intermediates })).ok, true);
    assert.equal(faultOf({ intermediates }), 'path-search-exhausted');
  });

  it('compares names without case and runs of spaces', () => {
    const shouting = ca('CN=MIDDLE', middleKey, { subject: 'CN= root ', key: rootKey });
    assert.equal(validatePath(asked({ intermediates: [shouting] })).ok, true);
  });
});

describe('a self-signed leaf', () => {
  const lonely = parsed({ subject: 'CN=Lonely', key: leafKey, extensions: [san] });

  it('is refused', () => {
    assert.equal(faultOf({ leaf: lonely }), 'path-not-found');
    assert.equal(faultOf({ leaf: lonely, intermediates: [lonely] }), 'path-not-found');
  });

  it('is accepted when the partner gave that very certificate as anchor', () => {
    const path = validatePath(asked({ leaf: lonely, anchors: [root, lonely] }));
    assert.ok(path.ok);
    assert.deepEqual(path.value.chain, [lonely]);
  });

  it('is refused when only its key or its name is an anchor’s', () => {
    const sameKey = parsed({
      subject: 'CN=Lonely',
      key: leafKey,
      extensions: [san],
      version: 3,
      serial: Buffer.from([9]),
    });
    assert.equal(faultOf({ leaf: lonely, anchors: [sameKey] }), 'path-not-found');
  });

  it('is refused as anchor when it expired, is weak or for other purposes', () => {
    const expired = parsed({
      subject: 'CN=L',
      key: leafKey,
      notAfterMs: TEST_TIME_MS - 1,
      notBeforeMs: 0,
    });
    const weak = parsed({ subject: 'CN=L', key: ecKey('secp224r1') });
    const mail = parsed({
      subject: 'CN=L',
      key: leafKey,
      extensions: [extendedKeyUsage([Oid.emailProtection])],
    });
    assert.equal(faultOf({ leaf: expired, anchors: [expired] }), 'path-expired');
    assert.equal(faultOf({ leaf: weak, anchors: [weak] }), 'path-key-refused');
    assert.equal(faultOf({ leaf: mail, anchors: [mail] }), 'path-purpose-refused');
  });
});

describe('pins', () => {
  for (const [where, certificate] of [
    ['leaf', leaf],
    ['intermediate', middle],
    ['anchor', root],
  ] as const) {
    it(`may name the ${where}`, () => {
      assert.equal(validatePath(asked({ pins: ['AAAA', certificate.spkiSha256] })).ok, true);
    });
  }

  it('refuse a path without any of them', () => {
    const stranger = ca('CN=Stranger', otherKey);
    assert.equal(faultOf({ pins: [stranger.spkiSha256] }), 'path-pin-mismatch');
    assert.equal(
      faultOf({
        pins: [stranger.spkiSha256],
        intermediates: [middle, stranger],
        anchors: [root, stranger],
      }),
      'path-pin-mismatch',
    );
  });

  it('choose among paths', () => {
    const second = ca('CN=Root', otherKey);
    const cross = ca('CN=Middle', middleKey, { subject: 'CN=Root', key: otherKey });
    const request = { intermediates: [middle, cross], anchors: [root, second] };
    const path = validatePath(asked({ ...request, pins: [second.spkiSha256] }));
    assert.ok(path.ok);
    assert.equal(path.value.chain.at(-1), second);
  });
});

describe('limits of the search', () => {
  it('six intermediates are a path, seven are none, whatever the policy', () => {
    const { leaf: end, intermediates } = ladder(7);
    const policy = { ...defaultPathPolicy, intermediatesMax: 100 };
    const sixUp = intermediates[5] as Certificate;
    const sevenUp = intermediates[6] as Certificate;
    assert.equal(
      validatePath(asked({ leaf: end, intermediates, anchors: [sevenUp], policy })).ok,
      true,
    );
    assert.equal(
      validatePath(asked({ leaf: end, intermediates, anchors: [sixUp], policy })).ok,
      true,
    );
    assert.equal(faultOf({ leaf: end, intermediates, policy }), 'path-too-long');
  });

  it('the policy’s own maximum holds on both sides', () => {
    const policy = { ...defaultPathPolicy, intermediatesMax: 1 };
    assert.equal(validatePath(asked({ policy })).ok, true);
    assert.equal(faultOf({ policy: { ...policy, intermediatesMax: 0 } }), 'path-too-long');
  });

  it('a self-issued one does not count for the policy, and does among the six', () => {
    const rolled = (names: string) => ladderOf(['A', ...names].map((name) => `CN=${name}`));
    const held = (intermediatesMax: number) => ({
      policy: { ...defaultPathPolicy, intermediatesMax },
    });
    assert.equal(validatePath(asked({ ...rolled('ABCDE'), ...held(5) })).ok, true);
    assert.equal(faultOf({ ...rolled('ABCDE'), ...held(4) }), 'path-too-long');
    assert.equal(faultOf({ ...rolled('ABCDEF'), ...held(6) }), 'path-too-long');
  });

  const decoys = (count: number, by: TestKey) =>
    Array.from({ length: count }, () => ca('CN=Middle', ecKey(), { subject: 'CN=Root', key: by }));

  it('fifteen issuers of the name that did not sign are tried, sixteen are not', () => {
    const fifteen = decoys(15, rootKey);
    assert.equal(validatePath(asked({ intermediates: [...fifteen, middle] })).ok, true);
    const sixteen = [...fifteen, ...decoys(1, rootKey)];
    assert.equal(faultOf({ intermediates: [...sixteen, middle] }), 'path-search-exhausted');
  });

  it('thirty that the anchor did not sign are tried, thirty-one are not', () => {
    const thirty = decoys(30, otherKey);
    assert.equal(validatePath(asked({ intermediates: [...thirty, middle] })).ok, true);
    const more = [...thirty, ...decoys(1, otherKey)];
    assert.equal(faultOf({ intermediates: [...more, middle] }), 'path-search-exhausted');
  });

  it('one key in many certificates is tried once', () => {
    const twins = Array.from({ length: 60 }, () =>
      ca('CN=Middle', otherKey, { subject: 'CN=Root', key: rootKey }),
    );
    assert.equal(validatePath(asked({ intermediates: [...twins, middle] })).ok, true);
  });

  it('whom no anchor vouches for has no key of its own tried', () => {
    const stranger = ca('CN=Stranger', otherKey, { subject: 'CN=Root', key: otherKey });
    const below = ca('CN=Below', middleKey, { subject: 'CN=Stranger', key: otherKey });
    const end = parsed({
      subject: 'CN=Leaf',
      key: leafKey,
      issuer: { subject: 'CN=Below', key: middleKey },
      extensions: [san],
    });
    const effort = new PathEffort();
    const intermediates = [below, stranger];
    assert.equal(faultOf({ leaf: end, intermediates, effort }), 'path-signature-bad');
    assert.equal(effort.verdictOn(stranger, root), false);
    assert.equal(effort.verdictOn(below, stranger), undefined);
    assert.equal(effort.verdictOn(end, below), undefined);
    assert.equal(faultOf({ leaf: end, intermediates, effort }), 'path-signature-bad', 'once more');
  });

  it('names are compared with subtrees 250,000 times, and no more', () => {
    const constraints = (excluded: number) =>
      nameConstraints(
        [],
        Array.from({ length: excluded }, (_, n) => `dns:x${n}.other.example`),
      );
    const end = parsed({
      subject: 'CN=Leaf',
      key: leafKey,
      issuer: { subject: 'CN=Middle', key: middleKey },
      extensions: [subjectAltName(Array.from({ length: 499 }, (_, n) => `dns:a${n}.example`))],
    });
    // With its subject, the leaf has 500 names.
    const under = (ofRoot: number, ofMiddle: number) => {
      const top = ca('CN=Root', rootKey, undefined, {}, [constraints(ofRoot)]);
      const issuer = { subject: 'CN=Root', key: rootKey };
      const low = ca('CN=Middle', middleKey, issuer, {}, [constraints(ofMiddle)]);
      return faultOf({ leaf: end, intermediates: [low], anchors: [top] });
    };
    assert.equal(under(249, 250), undefined);
    assert.equal(under(250, 250), 'path-search-exhausted');
  });

  it('a hundred CAs that all signed each other cost no more than the limit', () => {
    const names = Array.from({ length: 100 }, () => 'CN=Maze');
    const maze = names.map((name, n) =>
      ca(name, n % 2 === 0 ? middleKey : otherKey, { subject: 'CN=Maze', key: middleKey }),
    );
    const end = parsed({
      subject: 'CN=Leaf',
      key: leafKey,
      issuer: { subject: 'CN=Maze', key: middleKey },
      extensions: [san],
    });
    const fault = faultOf({ leaf: end, intermediates: maze });
    assert.equal(fault, 'path-search-exhausted');
  });
});

/** Leaf below `count` CAs below the root, lowest CA first. */
function ladder(count: number): { leaf: Certificate; intermediates: Certificate[] } {
  return ladderOf(Array.from({ length: count }, (_, n) => `CN=Rung ${n}`));
}

/** Authorities of these names, from the one above the leaf to the one below the root. */
function ladderOf(names: readonly string[]): { leaf: Certificate; intermediates: Certificate[] } {
  const rungs = names.map((subject) => ({ subject, key: ecKey() }));
  const above = [...rungs.slice(1), { subject: 'CN=Root', key: rootKey }];
  const intermediates = rungs.map(({ subject, key }, n) => ca(subject, key, above[n]));
  const issuer = rungs[0] as { subject: string; key: TestKey };
  const end = parsed({ subject: 'CN=Leaf', key: leafKey, issuer, extensions: [san] });
  return { leaf: end, intermediates };
}

function asked(changes: Partial<PathRequest>): PathRequest {
  return {
    leaf,
    intermediates: [middle],
    anchors: [root],
    pins: [],
    purpose: 'server',
    policy: defaultPathPolicy,
    atMs: TEST_TIME_MS,
    ...changes,
  };
}

function faultOf(changes: Partial<PathRequest>): string | undefined {
  const path = validatePath(asked(changes));
  return path.ok ? undefined : path.error;
}

function ca(
  subject: string,
  key: TestKey,
  issuer: { subject: string; key: TestKey } = { subject, key },
  changes: Partial<CertificateDraft> = {},
  extensions: readonly Buffer[] = [],
): Certificate {
  return parsed({
    subject,
    key,
    issuer,
    extensions: [basicConstraints(true), keyUsage(5, 6), ...extensions],
    ...changes,
  });
}

function parsed(draft: CertificateDraft): Certificate {
  const certificate = parseCertificate(buildCertificate(draft));
  assert.ok(certificate.ok);
  return certificate.value;
}

function subjectOf(certificate: Certificate): string | undefined {
  return certificate.subjectCommonNames[0];
}
