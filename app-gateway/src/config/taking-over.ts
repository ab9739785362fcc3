/**
 * What has to happen before a changed setting is in force.
 *
 * At gateways: `reload`; `restart`; `commands` where there is a database, else `reload` (what the first start has taken
 * in is not looked at in files again); `new-site`. At proxies: they `follow` the gateways' snapshot, `restart` with
 * their new bundle, or do not have the setting at all.
 */
export interface TakingOver {
  /** The settings in words. */
  readonly what: string;
  /** As the schema names them; with `.*` all below. */
  readonly settings: readonly string[];
  readonly gateways: 'reload' | 'restart' | 'commands' | 'new-site';
  readonly proxies: 'follow' | 'restart' | 'nothing';
  /** What else there is to know, for people. */
  readonly note?: string;
}

/** Every setting of `site.yaml` stands here once; a test holds it against the schema and against what proxies are given. */
export const TAKING_OVER: readonly TakingOver[] = [
  {
    what: 'what is ours and how partners are met',
    settings: [
      'domains',
      'public.host',
      'public.port',
      'unknownServerName',
      'missingServerName',
      'nameservers',
      'requirePosture',
      'revokedNodes',
      'severedPartners',
    ],
    gateways: 'reload',
    proxies: 'follow',
  },
  {
    what: 'limits',
    settings: [
      'limits.connectionsMax',
      'limits.connectionsPerSourceMax',
      'limits.connectionsPerSourcePerSecond',
      'limits.handshakeTimeoutMs',
      'limits.firstMessageTimeoutMs',
      'limits.headBytesMax',
      'limits.bodyBytesMax',
      'limits.requestUriBytesMax',
      'limits.lineBytesMax',
      'limits.headersMax',
      'limits.outboundConnectTimeoutMs',
      'limits.flowQueueBytesMax',
      'limits.pendingRequestsMax',
    ],
    gateways: 'reload',
    proxies: 'follow',
  },
  {
    what: 'what we show to partners',
    settings: [
      'identities[].name',
      'identities[].serverNames',
      'identities[].chain',
      'identities[].key',
    ],
    gateways: 'commands',
    proxies: 'follow',
    note: 'so are `partners/`',
  },
  {
    what: 'community servers, and what is shown to them',
    settings: [
      'communities[].id',
      'communities[].domains',
      'communities[].hosts[].host',
      'communities[].hosts[].port',
      'communities[].hosts[].serverName',
      'communities[].ca',
      'communities[].identity.chain',
      'communities[].identity.key',
      'communities[].probe.intervalMs',
      'communities[].probe.timeoutMs',
      'communities[].probe.failuresToDown',
      'communities[].probe.successesToUp',
    ],
    gateways: 'reload',
    proxies: 'nothing',
  },
  {
    what: 'what a proxy listens on',
    settings: [
      'proxies[].listen[].host',
      'proxies[].listen[].port',
      'proxies[].listen[].transport',
      'proxies[].listen[].proxyProtocolFrom',
      'proxies[].listen[].checksFrom',
      'proxies[].listen[].advertise.host',
      'proxies[].listen[].advertise.port',
      'proxies[].health.host',
      'proxies[].health.port',
      'proxies[].permissionModel',
    ],
    gateways: 'reload',
    proxies: 'restart',
    note: 'of that proxy; with another `advertise` of all that share the site’s names, by the snapshot',
  },
  {
    what: 'where a proxy’s channels are, and how many',
    settings: [
      'proxies[].node',
      'proxies[].channel.host',
      'proxies[].channel.port',
      'proxies[].workers',
    ],
    gateways: 'reload',
    proxies: 'restart',
    note: 'of that proxy: one more is started, one less is stopped, and turned away from the reload on',
  },
  {
    what: 'which side dials',
    settings: ['channel.dial'],
    gateways: 'reload',
    proxies: 'restart',
  },
  {
    what: 'gateways, and where proxies dial them',
    settings: ['gateways[].node', 'gateways[].channel.host', 'gateways[].channel.port'],
    gateways: 'reload',
    proxies: 'restart',
    note: 'the proxies only with `dial: outside-in`; one gateway more is started, one less is stopped, the others are reloaded',
  },
  {
    what: 'a gateway’s own ports',
    settings: [
      'gateways[].inner.host',
      'gateways[].inner.port',
      'gateways[].inner.advertise',
      'gateways[].health.host',
      'gateways[].health.port',
    ],
    gateways: 'reload',
    proxies: 'nothing',
  },
  {
    what: 'life of channel certificates',
    settings: ['channel.certificateDays'],
    gateways: 'reload',
    proxies: 'nothing',
    note: 'in force with each host’s next certificate',
  },
  {
    what: 'what proxies keep of audit',
    settings: ['audit.whenFull', 'audit.memoryBytesMax', 'audit.spoolBytesMax', 'audit.bodyHashes'],
    gateways: 'reload',
    proxies: 'follow',
  },
  {
    what: 'what gateways keep of audit, and who else gets it',
    settings: [
      'audit.retentionDays',
      'audit.proxyBytesPerSecond',
      'audit.bodies.auditors[].name',
      'audit.bodies.auditors[].key',
      'audit.bodies.rules[].name',
      'audit.bodies.rules[].partner',
      'audit.bodies.rules[].users',
      'audit.bodies.rules[].methods',
      'audit.bodies.bytesMax',
      'siem[].name',
      'siem[].host',
      'siem[].port',
      'siem[].format',
      'siem[].ca',
      'siem[].serverName',
      'siem[].identity.chain',
      'siem[].identity.key',
      'siem[].types',
    ],
    gateways: 'reload',
    proxies: 'nothing',
  },
  {
    what: 'whether there is audit',
    settings: ['audit.enabled'],
    gateways: 'restart',
    proxies: 'follow',
    note: 'a reload with another value is refused',
  },
  {
    what: 'the journal of audit',
    settings: ['audit.journalBytesMax'],
    gateways: 'restart',
    proxies: 'nothing',
  },
  {
    what: 'the database',
    settings: [
      'database.kind',
      'database.host',
      'database.port',
      'database.database',
      'database.user',
      'database.passwordFile',
      'database.tls',
      'database.ca',
      'database.serverName',
      'database.connectionsMax',
    ],
    gateways: 'restart',
    proxies: 'nothing',
    note: 'a password or an authority that changes in its file needs nothing: the next connection goes by it',
  },
  {
    what: 'what is for people and for `sallyport plan`',
    settings: [
      'layout',
      'contacts[].name',
      'contacts[].email',
      'contacts[].phone',
      'proxies[].listen[].nat.address',
      'proxies[].listen[].nat.port',
      'network.*',
    ],
    gateways: 'reload',
    proxies: 'nothing',
    note: 'the firewalls’ rules; who is in `network.balancers` with `mode: pass-through` stands in its proxies’ bundles',
  },
  {
    what: 'the name of the site',
    settings: ['name'],
    gateways: 'new-site',
    proxies: 'nothing',
    note: 'it is in all certificates',
  },
];

const AT_RESTART: readonly string[] = TAKING_OVER.filter(
  ({ gateways }) => gateways === 'restart',
).flatMap(({ settings }) => settings);

/** Settings whose new value no gateway takes over before it is started anew. */
export function settingsAtRestart(before: object, after: object): readonly string[] {
  return AT_RESTART.filter((setting) => settingOf(before, setting) !== settingOf(after, setting));
}

/** None of those that wait for a restart stands in a list. */
function settingOf(site: object, setting: string): unknown {
  return setting
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && key in value
          ? (value as Readonly<Record<string, unknown>>)[key]
          : undefined,
      site,
    );
}
