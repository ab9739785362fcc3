import { KeyObject, webcrypto } from 'node:crypto';
import { describe } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import {
  certifyLeaf,
  issueLeaf,
  type KeyUsageName,
  type LeafRequest,
} from '@sallyport/certs/leaf.ts';
import { NOW_MS, PARTNER_YAML, revocationListPem, type Texts, YEAR } from '../site-fixture.ts';
import { checkTable } from './check-table.ts';

const DAY_MS = 86_400_000;
const CRT = 'identities/main.crt';
const KEY = 'identities/main.key';
const ANCHOR = 'partners/globex.crt';
const LIST = 'partners/globex.crl';
const LISTED = `${PARTNER_YAML}revocation: { lists: [globex.crl] }\n`;

function withText(file: string, text: string): (texts: Texts) => Texts {
  return (texts) => new Map([...texts, [file, text]]);
}

function withIdentity(
  domains: [string, ...string[]],
  dates = YEAR,
  usages: readonly KeyUsageName[] = ['serverAuth', 'clientAuth'],
): (texts: Texts) => Promise<Texts> {
  return async (texts) => {
    const authority = await createAuthority({ commonName: 'CA', ...YEAR });
    const issued = await issueDomainCertificate(authority, { domains, usages, ...dates });
    return new Map([...texts, [CRT, issued.certificatePem], [KEY, issued.privateKeyPem]]);
  };
}

function withWeakKey(): (texts: Texts) => Promise<Texts> {
  return async (texts) => {
    const publicExponent = new Uint8Array([1, 0, 1]);
    const weak = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      publicExponent,
      modulusLength: 1024,
    };
    const keys = await webcrypto.subtle.generateKey(weak, true, ['sign', 'verify']);
    const authority = await createAuthority({ commonName: 'CA', ...YEAR });
    const domains = ['acme.example', 'sip.acme.example'];
    const request: LeafRequest = {
      commonName: 'acme.example',
      kind: 'rsa-2048',
      uris: domains.map((domain) => `sip:${domain}`),
      dnsNames: domains,
      usages: ['serverAuth', 'clientAuth'],
      ...YEAR,
    };
    const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
    const certificate = await certifyLeaf(authority, request, keys.publicKey);
    return new Map([...texts, [CRT, certificate], [KEY, key.toString()]]);
  };
}

function withAnchor(dates: typeof YEAR): (texts: Texts) => Promise<Texts> {
  return async (texts) => {
    const authority = await createAuthority({ commonName: 'CA', ...dates });
    return new Map([...texts, [ANCHOR, authority.certificatePem]]);
  };
}

/** Our certificate serves partners and the community alike in the fixture, so findings come twice. */
const both = (severity: string, part: 'chain' | 'key', message: string) => [
  `${severity} site.yaml identities[0].${part}: ${message}`,
  `${severity} site.yaml communities[0].identity.${part}: ${message}`,
];

const LISTEN = 'listen: [{ host: 0.0.0.0, port: 5061 }]';

function advertising(host: string, more = ''): readonly [string, string] {
  return [
    LISTEN,
    `listen: [{ host: 0.0.0.0, port: 5061, advertise: { host: ${host}, port: 5071 }${more} }]`,
  ];
}

describe('names that listeners advertise', () => {
  checkTable([
    { name: 'a name that a certificate shows', site: advertising('acme.example'), problems: [] },
    {
      name: 'a name that none shows',
      site: advertising('north.acme.example'),
      problems: [
        'error site.yaml proxies[0].listen[0].advertise.host: no identity has a certificate for north.acme.example',
      ],
    },
    {
      name: 'a name that none shows, of a listener without TLS',
      site: advertising('plain.acme.example', ', transport: tcp'),
      problems: ['warning site.yaml proxies[0].listen[0].transport: lets nobody in'],
    },
    {
      name: 'a name that is shown to nobody who asks for it',
      site: advertising('sip.acme.example'),
      problems: [
        'warning site.yaml proxies[0].listen[0].advertise.host: no identity has sip.acme.example among its serverNames',
      ],
    },
    {
      name: 'an address that none shows',
      site: advertising('192.0.2.1'),
      problems: [
        'error site.yaml proxies[0].listen[0].advertise.host: no identity has a certificate for 192.0.2.1',
      ],
    },
    {
      name: 'an address that one shows',
      site: advertising('192.0.2.1'),
      texts: async (texts) => {
        const authority = await createAuthority({ commonName: 'CA', ...YEAR });
        const issued = await issueLeaf(authority, {
          commonName: 'acme',
          dnsNames: ['acme.example', 'sip.acme.example'],
          ipAddresses: ['192.0.2.1'],
          usages: ['serverAuth', 'clientAuth'],
          ...YEAR,
        });
        return new Map([...texts, [CRT, issued.certificatePem], [KEY, issued.privateKeyPem]]);
      },
      problems: [],
    },
    {
      name: 'a translated address that is none',
      site: [LISTEN, 'listen: [{ host: 0.0.0.0, port: 5061, nat: { address: nat, port: 5061 } }]'],
      problems: ['error site.yaml proxies[0].listen[0].nat.address: is no IP address'],
    },
    {
      name: 'a translated address',
      site: [
        LISTEN,
        'listen: [{ host: 0.0.0.0, port: 5061, nat: { address: 192.0.2.1, port: 5061 } }]',
      ],
      problems: [],
    },
  ]);
});

describe('our certificates', () => {
  checkTable([
    {
      name: 'a key of another certificate',
      texts: async (texts) => {
        const other = await withIdentity(['acme.example'])(texts);
        return new Map([...texts, [KEY, other.get(KEY) ?? '']]);
      },
      problems: both('error', 'key', 'does not belong to the first certificate'),
    },
    {
      name: 'a key with a passphrase',
      texts: withText(
        KEY,
        '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
      ),
      problems: both('error', 'key', 'is encrypted'),
    },
    {
      name: 'a file without a key',
      texts: withText(KEY, 'nothing'),
      problems: both(
        'error',
        'key',
        'holds no readable PEM private key; convert DER with: openssl pkey -inform der -in FILE',
      ),
    },
    {
      name: 'a chain file without a certificate',
      texts: withText(CRT, 'nothing'),
      problems: both('error', 'chain', 'holds no readable PEM certificate'),
    },
    {
      name: 'a key where the chain belongs',
      texts: (texts) => withText(CRT, texts.get(KEY) ?? '')(texts),
      problems: both('error', 'chain', 'holds a private key instead of a certificate'),
    },
    {
      name: 'a certificate that is not DER inside',
      texts: withText(CRT, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
      problems: both(
        'error',
        'chain',
        'certificate 1 of the chain cannot be used: it is cut off, has something behind it, or is no certificate in DER',
      ),
    },
    {
      name: 'a chain of nine',
      texts: (texts) => withText(CRT, (texts.get(CRT) ?? '').repeat(9))(texts),
      problems: both('error', 'chain', 'holds 9 certificates'),
    },
    {
      name: 'a certificate that expired yesterday',
      texts: withIdentity(['acme.example', 'sip.acme.example'], {
        ...YEAR,
        notAfterMs: NOW_MS - DAY_MS,
      }),
      problems: both('error', 'chain', 'the certificate expired on 2026-05-31'),
    },
    {
      name: 'a certificate that begins tomorrow',
      texts: withIdentity(['acme.example', 'sip.acme.example'], {
        ...YEAR,
        notBeforeMs: NOW_MS + DAY_MS,
      }),
      problems: both('error', 'chain', 'the certificate is not valid before 2026-06-02'),
    },
    {
      name: 'a certificate with 29 days left',
      texts: withIdentity(['acme.example', 'sip.acme.example'], {
        ...YEAR,
        notAfterMs: NOW_MS + 29.5 * DAY_MS,
      }),
      problems: both('warning', 'chain', 'in 29 days'),
    },
    {
      name: 'a certificate with 30 days left',
      texts: withIdentity(['acme.example', 'sip.acme.example'], {
        ...YEAR,
        notAfterMs: NOW_MS + 30 * DAY_MS,
      }),
      problems: [],
    },
    {
      name: 'a certificate without our domain',
      texts: withIdentity(['sip.acme.example']),
      problems: [
        'error site.yaml identities[0].serverNames[0]: does not stand for acme.example (RFC 5922 §7.1), only for: sip.acme.example',
        'error site.yaml domains[0]: no identity has a certificate for acme.example',
      ],
    },
    {
      name: 'a wildcard is no identity (RFC 5922 §7.2)',
      texts: async (texts) => {
        const authority = await createAuthority({ commonName: 'CA', ...YEAR });
        const issued = await issueLeaf(authority, {
          commonName: 'w',
          dnsNames: ['acme.example', '*.acme.example'],
          ...YEAR,
        });
        return new Map([...texts, [CRT, issued.certificatePem], [KEY, issued.privateKeyPem]]);
      },
      problems: [
        'warning site.yaml public.host: no identity has a certificate for sip.acme.example',
      ],
    },
    {
      name: 'a certificate without clientAuth, as public authorities issue them',
      texts: withIdentity(['acme.example', 'sip.acme.example'], YEAR, ['serverAuth']),
      problems: both('warning', 'chain', 'lacks clientAuth'),
    },
    {
      name: 'a certificate whose key is too small for TLS',
      texts: withWeakKey(),
      problems: both('error', 'chain', 'cannot be shown in TLS, says OpenSSL: ee key too small'),
    },
    {
      name: 'a certificate for clients alone',
      texts: withIdentity(['acme.example', 'sip.acme.example'], YEAR, ['clientAuth']),
      problems: both('error', 'chain', 'not made for servers'),
    },
  ]);
});

describe('what we trust', () => {
  checkTable([
    {
      name: 'an anchor that is no certificate',
      texts: withText(ANCHOR, 'nothing'),
      problems: ['error partners/globex.yaml anchors[0]: holds no readable PEM certificate'],
    },
    {
      name: 'a private key among the anchors',
      texts: (texts) => withText(ANCHOR, texts.get(KEY) ?? '')(texts),
      problems: ['error partners/globex.yaml anchors[0]: holds a private key instead'],
    },
    {
      name: 'an anchor out of date harms this partner alone',
      texts: withAnchor({ ...YEAR, notAfterMs: NOW_MS - 1000 }),
      problems: ['warning partners/globex.yaml anchors[0]: expired on'],
    },
    {
      name: 'an anchor that is no authority',
      texts: (texts) => withText(ANCHOR, texts.get(CRT) ?? '')(texts),
      problems: ['warning partners/globex.yaml anchors[0]: is no authority'],
    },
    {
      name: 'the second of two certificates',
      texts: (texts) =>
        withText(
          ANCHOR,
          `${texts.get('communities/ca.crt')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
        )(texts),
      problems: [
        'error partners/globex.yaml anchors[0]: certificate 2 cannot be used: it is cut off, has something behind it, or is no certificate in DER',
      ],
    },
    {
      name: 'a revocation list',
      partners: [LISTED],
      texts: async (texts) => withText(LIST, await revocationListPem())(texts),
      problems: [],
    },
    {
      name: 'a revocation list that is none',
      partners: [LISTED],
      texts: withText(LIST, 'nothing'),
      problems: [
        'error partners/globex.yaml revocation.lists[0]: holds no readable PEM revocation list',
      ],
    },
    {
      name: 'the second of two revocation lists',
      partners: [LISTED],
      texts: async (texts) =>
        withText(
          LIST,
          `${await revocationListPem()}-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n`,
        )(texts),
      problems: [
        'error partners/globex.yaml revocation.lists[0]: holds a revocation list that proxies cannot use: list-malformed',
      ],
    },
    {
      name: 'a community’s authority',
      texts: withText('communities/ca.crt', ''),
      problems: ['error site.yaml communities[0].ca: holds no readable PEM certificate'],
    },
  ]);
});
