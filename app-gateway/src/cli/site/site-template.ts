import type { SiteLayout } from '../../config/site-layout.ts';
import { type PresetSections, presetSections } from './preset-yaml.ts';
import type { SitePreset } from './site-preset.ts';

/** What `init` asks for: enough to write a site that runs on one machine as it is, or as a preset stands in a network. */
export interface NewSite {
  readonly layout: SiteLayout;
  readonly name: string;
  readonly domains: readonly [string, ...string[]];
  readonly publicHost: string;
  readonly preset?: SitePreset;
}

const LAYOUT_COMMENT = {
  'dual-dmz': `# dual-dmz: proxies stand in the outer DMZ, gateways in the inner one, communities' servers in the intranet.`,
  'single-dmz': `# single-dmz: proxies stand in the DMZ, gateways and the communities' servers in the intranet.`,
  standalone: `# standalone: proxy and gateway share one host in the DMZ; the communities' servers stand in the intranet.`,
} as const;

/** The text of a new `site.yaml`, commented for the person who will edit it. */
export function siteTemplate(site: NewSite): string {
  const { preset } = site;
  const sections = preset === undefined ? ONE_MACHINE : presetSections(preset, site.domains[0]);
  return `# Sallyport site file. After a change: sallyport check DIR, then sallyport bundle DIR.
# Paths are relative to the folder of the file that names them. Unknown settings are refused.
name: ${site.name}

${LAYOUT_COMMENT[site.layout]}
layout: ${site.layout}

# Domains whose users live inside.
domains: [${site.domains.join(', ')}]

# What partners see of us: one name for all proxies. It stands in our Via and Record-Route.
public: { host: ${site.publicHost}, port: 5061 }

# Whom partners ring about certificates; offers to them carry it.
# contacts:
#   - { name: Operations, email: sip-operations@example.com, phone: "+1 555 0100" }

# Who opens the channel between proxy and gateway. With inside-out the inner firewall lets nothing in.
channel: { dial: inside-out }

# Certificates that we show to partners. The first one is the default.
# These were issued by this site's own federation authority (ca/federation-ca.crt), which partners can
# take as trust anchor. Put certificates of a public authority here if your partners want that.
identities:
  - name: main
    serverNames: [${[...new Set([...site.domains, site.publicHost])].join(', ')}]
    chain: identities/main.crt
    key: identities/main.key

# Callers that ask for another name (SNI): refuse hides our names from scanners, default shows the first identity.
unknownServerName: refuse
# The same for callers that ask for none, as older SIP servers do: refuse if all your partners send SNI.
missingServerName: default

# DNS servers that proxies ask, like [192.0.2.53, "192.0.2.54:5353"]. Empty: the system's.
nameservers: ${sections.nameservers}

proxies:
${sections.proxies}

gateways:
${sections.gateways}

# Where partners, keys and their history are kept. embedded: on the gateway itself, which takes partners/*.yaml in
# at its first start. With several gateways: kind: postgresql, with host, user, passwordFile, ca. files: in
# partners/*.yaml alone, changed by hand and SIGHUP, without any exchange.
database: ${sections.database}

# Inner SIP servers, by the domains they serve. All links are TLS with certificates on both sides.
communities:
  - id: main
    domains: [${site.domains.join(', ')}]
    hosts:
${sections.communityHosts}
    # Authority of these servers' certificates, and what we show to them.
    ca: communities/community-ca.crt
    identity: { chain: communities/gateway.crt, key: communities/gateway.key }
    probe: { intervalMs: 5000, timeoutMs: 2000, failuresToDown: 2, successesToUp: 2 }

# What a proxy bears before it refuses (docs/site-file.md: limits); each value here is the default.
limits:
  connectionsMax: 20000
  connectionsPerSourceMax: 64
  connectionsPerSourcePerSecond: 20
  handshakeTimeoutMs: 10000
  firstMessageTimeoutMs: 30000
  headBytesMax: 16384
  bodyBytesMax: 65536
  requestUriBytesMax: 2048
  lineBytesMax: 8192
  headersMax: 128
  outboundConnectTimeoutMs: 5000
  flowQueueBytesMax: 1048576
  pendingRequestsMax: 50000
${sections.network}`;
}

/** Everything on loopback: enough to try it. */
const ONE_MACHINE: PresetSections = {
  nameservers: '[]',
  proxies: `  - node: edge-1
    # proxyProtocolFrom: addresses of load balancers that send a PROXY protocol header; from these it is demanded.
    listen:
      - { host: 0.0.0.0, port: 5061, proxyProtocolFrom: [] }
    health: { host: 127.0.0.1, port: 8081 }
    # Where gateways dial this proxy: its inner address. Each worker takes one port, counted up from here.
    channel: { host: 127.0.0.1, port: 7443 }
    workers: 2`,
  gateways: `  - node: gateway-1
    # Where the communities' servers reach this gateway, and the host name or address it gives them.
    inner: { host: 127.0.0.1, port: 5071, advertise: 127.0.0.1 }
    health: { host: 127.0.0.1, port: 8082 }`,
  database: '{ kind: embedded }',
  communityHosts: '      - { host: 127.0.0.1, port: 5081 }',
  network: '',
};

/** The text of `partners/example.yaml`: every setting shown, and nobody let in until it is enabled. */
export function partnerTemplate(): string {
  return `# A partner company. Copy this file to partners/<id>.yaml; the id inside must be the same.
id: example
# Nobody is let in, or dialled, while this is false.
enabled: false
description: What the next operator should know of this company
contacts:
  - { name: Their operators, email: sip-operations@partner.example, phone: "+1 555 0100" }

# Domains that this partner, and nobody else, speaks for.
domains: [partner.example]

# Trust anchors of this partner alone: authorities, or the partner's own certificate. Compare the fingerprint by telephone.
anchors: [example/partner-ca.crt]
# Certificates that help to find a path and give no trust by themselves.
intermediates: []
# SHA-256 of public keys, base64. If there are any, one must stand in the path.
pins: []
# Certificates without extended key usage are good for every purpose (RFC 5280); false refuses them.
acceptNoExtendedKeyUsage: true

# Address ranges this partner comes from. Empty: any.
sourceNetworks: []

# What may pass in either direction. What is not listed is refused.
methods: [MESSAGE, SUBSCRIBE, NOTIFY, OPTIONS]
eventPackages: [presence]
# Whose priority comes in (Resource-Priority, RFC 4412), for example [dsn, wps].
priorityNamespaces: []

# Our certificate for this partner; without it the first of the site's identities.
ownIdentity: main

# Where to dial. Empty: DNS decides (RFC 3263), for example [{ host: sip.partner.example, port: 5061 }].
endpoints: []
# When requests may go back over a connection that the partner opened: alias (RFC 5923) or always.
connectionReuse: alias

# Capacity.
connectionsMax: 16
messagesPerSecond: 100
messagesBurst: 200
requestsInFlightMax: 1000
# Double CRLF on idle connections (RFC 5626), often enough for the firewalls on the way.
keepAliveMs: 25000
`;
}
