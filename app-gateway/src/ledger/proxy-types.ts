import { AUDIT_TYPE, type AuditTypeName } from '@sallyport/shared/audit/record-types.ts';

/** Every host has these. */
const OF_ALL: readonly AuditTypeName[] = [
  ...(['stream-opened', 'seal', 'gap', 'clock-stepped'] as const),
  ...(['channel-opened', 'channel-closed'] as const),
];
/** What partners and messages are seen by. */
const OF_PROXIES_ALONE: readonly AuditTypeName[] = [
  ...(['connection-opened', 'connection-refused', 'connection-closed'] as const),
  ...(['message-admitted', 'message-answered', 'message-refused'] as const),
  ...(['message-sent', 'response-received'] as const),
];

const ALL = 1;
const PROXIES_ALONE = 2;
const WRITERS = new Uint8Array(256);
for (const name of OF_ALL) WRITERS[AUDIT_TYPE[name]] = ALL;
for (const name of OF_PROXIES_ALONE) WRITERS[AUDIT_TYPE[name]] = PROXIES_ALONE;

/**
 * Whether a proxy has such records to write. All others are said by gateways: that an operator changed something, that a day was
 * dropped. Whoever owns a proxy must not be able to say them in its name.
 */
export function isOfProxies(type: number): boolean {
  return WRITERS[type] === ALL || WRITERS[type] === PROXIES_ALONE;
}

/** Whether no gateway has such records to write. */
export function isOfProxiesAlone(type: number): boolean {
  return WRITERS[type] === PROXIES_ALONE;
}
