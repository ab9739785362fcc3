import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';

const NAMES = [
  'stream-opened',
  'seal',
  'gap',
  'clock-stepped',
  'connection-opened',
  'connection-refused',
  'connection-closed',
  'message-admitted',
  'message-answered',
  'message-refused',
  'message-sent',
  'response-received',
  'channel-opened',
  'channel-closed',
] as const;

const OF_PROXIES = new Uint8Array(256);
for (const name of NAMES) OF_PROXIES[AUDIT_TYPE[name]] = 1;

/**
 * Whether a proxy has such records to write. All others are said by gateways: that an operator changed something, that a day was
 * dropped. Whoever owns a proxy must not be able to say them in its name.
 */
export function isOfProxies(type: number): boolean {
  return OF_PROXIES[type] === 1;
}
