import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closestDomain, isWithinDomains } from '@sallyport/shared/net/within-domains.ts';

/** As long as a domain may be. */
const LONGEST = `${'a.'.repeat(123)}example`;
const DOMAINS = new Set(['acme.example', LONGEST]);

describe('a name within domains', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['acme.example', true],
    ['sip.acme.example', true],
    ['a.b.acme.example', true],
    ['notacme.example', false],
    ['example', false],
    ['acme.example.', false],
    ['acme.example.evil.example', false],
    ['.acme.example', true],
    ['', false],
    [LONGEST, true],
    [`x.${LONGEST}`, true],
    [`x${LONGEST}`, false],
    [`${'x'.repeat(8000)}.${LONGEST}`, true],
    [`${'x.'.repeat(8000)}acme.example`, true],
    [`${'.'.repeat(8000)}`, false],
  ];
  for (const [name, is] of rows) {
    const shown = name.length > 60 ? `${name.length} characters … ${name.slice(-12)}` : name;
    it(`${JSON.stringify(shown)}: ${is}`, () => assert.equal(isWithinDomains(name, DOMAINS), is));
  }
});

describe('the closest domain that is known', () => {
  const isKnown = (name: string) => DOMAINS.has(name) || name === 'chat.acme.example';
  for (const [name, domain] of [
    ['acme.example', 'acme.example'],
    ['sip.acme.example', 'acme.example'],
    ['chat.acme.example', 'chat.acme.example'],
    ['pc.chat.acme.example', 'chat.acme.example'],
    ['notchat.acme.example', 'acme.example'],
    ['globex.example', undefined],
  ] as const) {
    it(`of ${name}: ${domain}`, () => assert.equal(closestDomain(name, isKnown), domain));
  }
});
