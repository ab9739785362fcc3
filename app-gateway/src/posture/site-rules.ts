import { limitsSchema } from '../config/limits-schema.ts';
import { type PostureRule, rule } from './posture-rule.ts';
import { WEAK_KEY_GRADES, weakestKey } from './public-key-strength.ts';

const CERTIFICATE_DAYS = 7;
/** Further than this from its default a limit protects others than those it was made for. */
const LIMIT_FACTOR = 4;
const DEFAULT_LIMITS: Readonly<Record<string, number>> = limitsSchema.parse({});

/** What holds for the site as a whole. */
export const SITE_RULES: readonly PostureRule[] = [
  rule({
    name: 'layout',
    protocols: ['every'],
    settings: ['layout'],
    grades: {
      apart: {
        level: 'high',
        when: 'dual-dmz or single-dmz',
        why: 'who takes a proxy finds no key of the site and no database on its disk, and a firewall stands between it and the gateway',
      },
      together: {
        level: 'medium',
        when: 'standalone',
        why: 'one host in the DMZ holds everything: who takes it has the keys of the site and its database',
        toRaise: 'layout dual-dmz or single-dmz, with the gateway on a host of its own',
      },
    },
    judge: ({ layout }) => [
      { at: 'layout', grade: layout === 'standalone' ? 'together' : 'apart' },
    ],
  }),
  rule({
    name: 'channel-direction',
    protocols: ['every'],
    settings: ['channel.dial'],
    grades: {
      outwards: {
        level: 'high',
        when: 'inside-out',
        why: 'the inner firewall lets nothing in: from the DMZ there is no port to knock on',
      },
      inwards: {
        level: 'medium',
        when: 'outside-in',
        why: 'the inner firewall has a rule that lets proxies in, to a port of every gateway',
        toRaise: 'channel.dial: inside-out, and take the rule out of the firewall',
      },
    },
    judge: ({ channel }) => [
      { at: 'channel.dial', grade: channel.dial === 'inside-out' ? 'outwards' : 'inwards' },
    ],
  }),
  rule({
    name: 'channel-certificates',
    protocols: ['every'],
    settings: ['channel.certificateDays'],
    grades: {
      short: {
        level: 'high',
        when: `${CERTIFICATE_DAYS} days or fewer`,
        why: 'a stolen channel key is worth nothing within days, even where nobody noticed',
      },
      long: {
        level: 'medium',
        when: `more than ${CERTIFICATE_DAYS} days`,
        why: 'a stolen channel key that nobody noticed is good for weeks',
        toRaise: `channel.certificateDays: ${CERTIFICATE_DAYS} or fewer`,
      },
    },
    judge: ({ channel }) => [
      {
        at: 'channel.certificateDays',
        grade: channel.certificateDays <= CERTIFICATE_DAYS ? 'short' : 'long',
      },
    ],
  }),
  rule({
    name: 'tls-versions',
    protocols: ['every'],
    settings: [],
    grades: {
      floor: {
        level: 'high',
        when: 'always: no setting changes it',
        why: 'partners: TLS 1.3, or TLS 1.2 with forward secrecy and authenticated encryption alone; channel: TLS 1.3 alone; inner servers, database and SIEM: TLS 1.2 at least',
      },
    },
    judge: () => [{ at: 'TLS versions', grade: 'floor' }],
  }),
  rule({
    name: 'unknown-server-name',
    protocols: ['every'],
    settings: ['unknownServerName'],
    grades: {
      refuse: {
        level: 'high',
        when: 'refuse',
        why: 'scanners that guess a name see nothing of us',
      },
      default: {
        level: 'medium',
        when: 'default',
        why: 'scanners that ask for any name are shown our certificate, and so learn whose edge this is',
        toRaise: 'unknownServerName: refuse',
      },
    },
    judge: ({ unknownServerName }) => [{ at: 'unknownServerName', grade: unknownServerName }],
  }),
  rule({
    name: 'missing-server-name',
    protocols: ['every'],
    settings: ['missingServerName'],
    grades: {
      refuse: { level: 'high', when: 'refuse', why: 'scanners that name nobody see nothing of us' },
      default: {
        level: 'medium',
        when: 'default',
        why: 'scanners that ask for no name are shown our first certificate, and so learn whose edge this is',
        toRaise: 'missingServerName: refuse, as soon as every partner sends a server name',
      },
    },
    judge: ({ missingServerName }) => [{ at: 'missingServerName', grade: missingServerName }],
  }),
  rule({
    name: 'own-keys',
    protocols: ['every'],
    settings: ['identities[].chain', 'communities[].identity.chain', 'siem[].identity.chain'],
    grades: WEAK_KEY_GRADES,
    judge: ({ identities, communities, siem }) => [
      ...identities.map(({ name, chainPem }) => ({
        at: `identities[${name}].chain`,
        grade: weakestKey(chainPem),
      })),
      ...communities.map(({ id, identity }) => ({
        at: `communities[${id}].identity.chain`,
        grade: weakestKey(identity.chainPem),
      })),
      ...siem.flatMap(({ name, identity }) =>
        identity === undefined
          ? []
          : [{ at: `siem[${name}].identity.chain`, grade: weakestKey(identity.chainPem) }],
      ),
    ],
  }),
  rule({
    name: 'dns',
    protocols: ['every'],
    settings: ['nameservers'],
    grades: {
      believed: {
        level: 'high',
        when: 'always: DNSSEC is not checked',
        why: 'a forged answer leads to a server that must still prove the name that was asked for, under that partner’s own anchors; it can keep us from a partner, and no more',
      },
    },
    judge: () => [{ at: 'nameservers', grade: 'believed' }],
  }),
  rule({
    name: 'limits',
    protocols: ['every'],
    settings: Object.keys(DEFAULT_LIMITS).map((name) => `limits.${name}`),
    grades: {
      bounded: {
        level: 'high',
        when: `no more than ${LIMIT_FACTOR} times the default`,
        why: 'one source or one peer can take a small part of a proxy and no more',
      },
      wide: {
        level: 'medium',
        when: `more than ${LIMIT_FACTOR} times the default`,
        why: 'a few peers that mean harm can take a proxy’s memory or connections from all others',
        toRaise: `no more than ${LIMIT_FACTOR} times the default; if there is more traffic, another proxy`,
      },
    },
    judge: ({ limits }) =>
      Object.entries(limits).map(([name, value]) => ({
        at: `limits.${name}`,
        grade: value <= LIMIT_FACTOR * (DEFAULT_LIMITS[name] ?? 0) ? 'bounded' : 'wide',
      })),
  }),
];
