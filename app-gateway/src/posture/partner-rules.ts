import { KNOWN_METHODS } from '../config/doubtful-method.ts';
import type { SitePartner } from '../config/site.ts';
import { type Grade, type PostureProtocol, type PostureRule, rule } from './posture-rule.ts';

/** Of what a proxy bears, one partner may have this much. */
const SHARE_MAX = 0.5;
const MESSAGES_PER_SECOND_MAX = 10_000;

/** What holds for each partner that is let in. */
export const PARTNER_RULES: readonly PostureRule[] = [
  partnerRule({
    name: 'plain-tcp',
    protocols: ['sip'],
    settings: ['plainTcp', 'endpoints[].transport'],
    grades: {
      tls: {
        level: 'high',
        when: 'plainTcp: false, and no endpoint with tcp',
        why: 'the partner proves who it is by its certificate',
      },
      plain: {
        level: 'low',
        when: 'plainTcp: true, or an endpoint with tcp',
        why: 'its address is all that proves who it is, and whoever is on the way reads and changes everything',
        toRaise: 'plainTcp: false; the partner has to speak TLS',
      },
    },
    of: (partner) => {
      const isAllowed = 'plainTcp' in partner && partner.plainTcp === true;
      const isDialled = partner.endpoints.some(
        (one) => 'transport' in one && (one.transport ?? 'tls') !== 'tls',
      );
      return isAllowed || isDialled ? 'plain' : 'tls';
    },
  }),
  partnerRule({
    name: 'trust',
    protocols: ['every'],
    settings: [
      ...['anchors', 'intermediates', 'pins', 'trustSets[].anchors', 'trustSets[].intermediates'],
      ...['trustSets[].pins', 'trustSets[].state'],
    ],
    grades: {
      pinned: {
        level: 'high',
        when: 'pins in every set of keys',
        why: 'a key that both companies compared must stand in the path, whatever an authority issues',
      },
      anchored: {
        level: 'high',
        when: 'anchors without pins',
        why: 'the path must end in this partner’s own anchors and show one of its domains; pins would narrow it further, and cost a change of both sides with each new key',
      },
    },
    of: ({ trustSets }) =>
      trustSets.length > 0 && trustSets.every(({ pins }) => pins.length > 0)
        ? 'pinned'
        : 'anchored',
  }),
  partnerRule({
    name: 'revocation',
    protocols: ['every'],
    settings: ['revocation.mode', 'revocation.fetch', 'revocation.lists'],
    grades: {
      demanded: {
        level: 'high',
        when: 'hard-fail',
        why: 'a certificate of which nobody says that it is still good is refused',
      },
      asked: {
        level: 'medium',
        when: 'soft-fail, with fetch or lists',
        why: 'who can keep lists away from the proxy is let in with a stolen key',
        toRaise:
          'revocation.mode: hard-fail, after some days of trial.revocation: hard-fail without a would-refuse line',
      },
      ignored: {
        level: 'low',
        when: 'off, or soft-fail without fetch and lists',
        why: 'a stolen key that its owner had revoked is let in until the certificate ends',
        toRaise: 'revocation.mode: soft-fail with fetch: true, or with lists',
      },
    },
    of: ({ revocation: { mode, fetch, lists } }) => {
      if (mode === 'hard-fail') return 'demanded';
      return mode === 'soft-fail' && (fetch || lists.length > 0) ? 'asked' : 'ignored';
    },
  }),
  partnerRule({
    name: 'source-networks',
    protocols: ['every'],
    settings: ['sourceNetworks'],
    grades: {
      named: {
        level: 'high',
        when: 'networks are named',
        why: 'a stolen key is of use only from the partner’s own networks',
      },
      any: {
        level: 'medium',
        when: 'empty, or a network that is every address',
        why: 'a stolen key is of use from everywhere',
        toRaise: 'sourceNetworks: the networks that the partner connects from',
      },
    },
    of: ({ sourceNetworks }) =>
      sourceNetworks.length === 0 || sourceNetworks.some((range) => range.endsWith('/0'))
        ? 'any'
        : 'named',
  }),
  partnerRule({
    name: 'certificate-without-purpose',
    protocols: ['every'],
    settings: ['acceptNoExtendedKeyUsage'],
    grades: {
      refused: {
        level: 'high',
        when: 'acceptNoExtendedKeyUsage: false',
        why: 'a certificate must say that it is for TLS',
      },
      accepted: {
        level: 'medium',
        when: 'acceptNoExtendedKeyUsage: true',
        why: 'a certificate of the partner’s authority that was issued for anything, such as signing mail, can be shown here if it has the domain',
        toRaise: 'acceptNoExtendedKeyUsage: false, after some days of it under trial',
      },
    },
    of: ({ acceptNoExtendedKeyUsage }) => (acceptNoExtendedKeyUsage ? 'accepted' : 'refused'),
  }),
  partnerRule({
    name: 'certificate-purposes',
    protocols: ['every'],
    settings: ['purposes'],
    grades: {
      strict: { level: 'high', when: 'strict', why: 'each direction needs its own purpose' },
      federation: {
        level: 'high',
        when: 'federation',
        why: 'public authorities issue for servers alone; who has the key of the server of the domain may speak for the domain, which is what RFC 5922 asks for',
      },
    },
    of: ({ purposes }) => purposes,
  }),
  partnerRule({
    name: 'delegations',
    protocols: ['every'],
    settings: ['delegations[].certificate', 'delegations[].domains'],
    grades: {
      none: { level: 'high', when: 'none', why: 'nobody but the partner speaks for its domains' },
      some: {
        level: 'medium',
        when: 'some',
        why: 'a hosting company’s key speaks for domains of the partner: two companies can lose it',
        toRaise: 'certificates for the partner’s own domains, and no delegation',
      },
    },
    of: ({ delegations }) => (delegations.length === 0 ? 'none' : 'some'),
  }),
  partnerRule({
    name: 'endpoints',
    protocols: ['sip'],
    settings: ['endpoints[].host', 'endpoints[].port'],
    grades: {
      named: {
        level: 'high',
        when: 'named',
        why: 'proxies dial these and nothing else for it',
      },
      found: {
        level: 'medium',
        when: 'empty: found by DNS',
        why: 'its DNS, and the Contact and Record-Route of its dialogs, can make a proxy open TLS to any public address and port, though nothing is sent before the name there is proven',
        toRaise: 'endpoints: host and port of the partner’s servers',
      },
    },
    of: ({ endpoints }) => (endpoints.length === 0 ? 'found' : 'named'),
  }),
  partnerRule({
    name: 'connection-reuse',
    protocols: ['sip'],
    settings: ['connectionReuse'],
    grades: {
      alias: {
        level: 'high',
        when: 'alias',
        why: 'our requests go back over a connection only as RFC 5923 allows',
      },
      always: {
        level: 'medium',
        when: 'always',
        why: 'our requests go to whoever of the partner connected, and it never had to prove that it is the server of the domain',
        toRaise: 'connectionReuse: alias, with a server of the partner that can be dialled',
      },
    },
    of: ({ connectionReuse }) => connectionReuse,
  }),
  partnerRule({
    name: 'methods',
    protocols: ['sip'],
    settings: ['methods', 'eventPackages'],
    grades: {
      known: { level: 'high', when: 'known methods alone', why: 'what passes is understood' },
      unknown: {
        level: 'medium',
        when: 'a method that is not known here',
        why: 'it is passed on as it is, and nobody here knows what it asks for',
        toRaise: 'take the method out',
      },
    },
    of: ({ methods }) => (methods.every((one) => KNOWN_METHODS.has(one)) ? 'known' : 'unknown'),
  }),
  partnerRule({
    name: 'priority',
    protocols: ['sip'],
    settings: ['priorityNamespaces'],
    grades: {
      none: {
        level: 'high',
        when: 'no namespaces',
        why: 'no partner says which of our calls matter less than its own',
      },
      agreed: {
        level: 'medium',
        when: 'namespaces are named',
        why: 'by its word alone its calls come before ours there, and may end them',
        toRaise: 'take the namespaces out, unless the partner is an authority of priority for us',
      },
    },
    of: ({ priorityNamespaces = [] }) => (priorityNamespaces.length === 0 ? 'none' : 'agreed'),
  }),
  partnerRule({
    name: 'partner-share',
    protocols: ['every'],
    settings: ['connectionsMax', 'messagesPerSecond', 'messagesBurst', 'requestsInFlightMax'],
    grades: {
      part: {
        level: 'high',
        when: `at most half of what a proxy bears, and ${MESSAGES_PER_SECOND_MAX} messages a second`,
        why: 'one partner cannot push out the others',
      },
      most: {
        level: 'medium',
        when: 'more',
        why: 'one partner can take most of a proxy from all others',
        toRaise: 'a smaller share, or another proxy',
      },
    },
    of: (partner, { limits }) =>
      partner.connectionsMax <= SHARE_MAX * limits.connectionsMax &&
      partner.requestsInFlightMax <= SHARE_MAX * limits.pendingRequestsMax &&
      Math.max(partner.messagesPerSecond, partner.messagesBurst) <= MESSAGES_PER_SECOND_MAX
        ? 'part'
        : 'most',
  }),
  rule({
    name: 'trial',
    protocols: ['every'],
    settings: [
      ...['purposes', 'acceptNoExtendedKeyUsage', 'revocation', 'sourceNetworks', 'methods'],
      'eventPackages',
    ].map((setting) => `partner.trial.${setting}`),
    grades: {
      tried: {
        level: 'high',
        when: 'a stricter rule is tried',
        why: 'what is only reported refuses nobody: the level is that of the rule in force',
      },
    },
    judge: ({ partners }) =>
      partners
        .filter(({ trial }) => trial !== undefined)
        .map(({ id }) => ({ at: `partners/${id}: trial`, grade: 'tried' })),
  }),
];

/** A rule that judges every partner in the same way. */
function partnerRule<Word extends string>({
  settings,
  of,
  ...rest
}: {
  readonly name: string;
  readonly protocols: readonly PostureProtocol[];
  /** In a partner's file. */
  readonly settings: readonly string[];
  readonly grades: Readonly<Record<Word, Grade>>;
  of(partner: SitePartner, site: Parameters<PostureRule['judge']>[0]): Word;
}): PostureRule {
  const named = settings[0]?.replace(/[.[].*$/, '') ?? rest.name;
  return rule({
    ...rest,
    settings: settings.map((setting) => `partner.${setting}`),
    judge: (site) =>
      site.partners.map((partner) => ({
        at: `partners/${partner.id}: ${named}`,
        grade: of(partner, site),
      })),
  });
}
