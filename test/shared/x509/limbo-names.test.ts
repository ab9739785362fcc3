import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { der, extension, nameConstraints, sequence, subjectAltName } from '../../x509-builder.ts';
import {
  authority,
  dns,
  endEntity,
  judge,
  MIDDLE,
  named,
  ROOT,
  root,
  under,
} from './path-stage.ts';

const otherName = der(0xa0, Buffer.from('06092b0601040183b33a04', 'hex'));

describe('what x509-limbo expects of name constraints, with our own certificates', () => {
  const rows: readonly (readonly [id: string, verdict: string, run: () => string])[] = [
    [
      'nc::excluded-dns-match',
      'path-name-constraint-violated',
      () => constrained(nameConstraints([], ['dns:example.com']), dns('example.com')),
    ],
    [
      'nc::permitted-dns-match-more',
      'accepted',
      () =>
        constrained(
          nameConstraints(['dns:example.com']),
          dns('foo.bar.example.com'),
          'foo.bar.example.com',
        ),
    ],
    [
      'nc::excluded-dn-match',
      'path-name-constraint-violated',
      () => {
        const anchor = authority({ ...ROOT, more: [nameConstraints([], ['dn:CN=foo'])] });
        return under(anchor, { subject: 'CN=foo', names: subjectAltName(['dn:CN=foo']) });
      },
    ],
    [
      'nc::excluded-match-permitted-and-excluded',
      'path-name-constraint-violated',
      () =>
        constrained(nameConstraints(['dns:example.com'], ['dns:example.com']), dns('example.com')),
    ],
    [
      'nc::invalid-dnsname-wildcard',
      'path-not-found',
      () => constrained(nameConstraints(['dns:*.example.com']), dns('foo.example.com')),
    ],
    [
      'nc::invalid-dnsname-leading-period',
      'path-not-found',
      () => constrained(nameConstraints(['dns:.example.com']), dns('foo.example.com')),
    ],
    [
      'nc::invalid-ipv4-address',
      'path-not-found',
      () => constrained(nameConstraints(['ip:7f000001']), subjectAltName(['ip:7f000001'])),
    ],
    [
      'nc::invalid-email-address',
      'path-not-found',
      () =>
        constrained(
          nameConstraints(['email:invalid@invalid@example.com']),
          subjectAltName(['email:example@example.com']),
        ),
    ],
    [
      'nc::not-allowed-in-ee-noncritical',
      'path-critical-extension-unhandled',
      () => under(root, { more: [nameConstraints(['dns:peer.example'], [], false)] }),
    ],
    [
      'nc::restrictive-permits-in-intermediates-narrows',
      'path-name-constraint-violated',
      () => twoConstrained(['foo', 'bar'], ['bar'], 'foo'),
    ],
    [
      'nc::restrictive-permits-in-intermediates-widens',
      'path-name-constraint-violated',
      () => twoConstrained(['bar'], ['foo', 'bar'], 'foo'),
    ],
    [
      'nc::restrictive-permits-in-intermediates, inside both',
      'accepted',
      () => twoConstrained(['foo', 'bar'], ['bar'], 'bar'),
    ],
    [
      'nc::nc-permits-email-domain',
      'accepted',
      () =>
        constrained(
          nameConstraints(['email:example.com']),
          subjectAltName(['email:foo@example.com']),
        ),
    ],
    [
      'nc::nc-forbids-othername',
      'path-name-constraint-violated',
      () =>
        constrained(
          othernameConstraints(),
          named(der(0x82, Buffer.from('example.com')), otherName),
        ),
    ],
    [
      'nc::nc-forbids-othername-noop',
      'accepted',
      () => constrained(othernameConstraints(), dns('example.com'), 'example.com'),
    ],
    [
      'cve::cve-2025-61727',
      'path-name-constraint-violated',
      () =>
        constrained(
          nameConstraints(['dns:example.com'], ['dns:bar.example.com']),
          dns('*.example.com'),
        ),
    ],
    [
      'cve::cve-2025-61727-nc-permits-variant',
      'path-name-constraint-violated',
      () => constrained(nameConstraints(['dns:foo.example.com']), dns('*.example.com')),
    ],
  ];
  for (const [id, verdict, run] of rows) {
    it(`${id}: ${verdict}`, () => assert.equal(run(), verdict));
  }
});

/** A leaf with these names below an authority with these constraints. */
function constrained(constraints: Buffer, names: Buffer, domain?: string): string {
  return under(authority({ ...ROOT, more: [constraints] }), { names }, domain);
}

function othernameConstraints(): Buffer {
  const permitted = der(0xa0, sequence(der(0x82, Buffer.from('example.com'))));
  return extension('2.5.29.30', true, sequence(permitted, der(0xa1, sequence(otherName))));
}

function twoConstrained(upper: readonly string[], lower: readonly string[], name: string): string {
  const space = (labels: readonly string[]) => [
    nameConstraints(labels.map((label) => `dns:${label}.example.com`)),
  ];
  const first = authority({ ...MIDDLE, more: space(upper) }, root);
  const second = authority({ subject: 'CN=lower', more: space(lower) }, first);
  const leaf = endEntity(second, { names: dns(`${name}.example.com`) });
  return judge({ leaf, anchors: [root], intermediates: [first, second] });
}
