import { dnsName, type NaptrRecord } from './dns-record.ts';

/**
 * The SRV names that NAPTR records give for SIP over TLS, best first (RFC 3263 §4.1).
 *
 * Only service SIPS+D2T with flag "s", no regular expression and a replacement: other transports
 * are not spoken here. Of what is left only the lowest order counts, by preference
 * (RFC 3403 §4.1). Records that lead to further NAPTR records are not followed.
 */
export function sipsServiceNames(records: readonly NaptrRecord[]): readonly string[] {
  const usable = records.filter(
    ({ flags, service, regexp }) =>
      flags.toLowerCase() === 's' && service.toUpperCase() === 'SIPS+D2T' && regexp === '',
  );
  const order = Math.min(...usable.map((record) => record.order));
  const names = usable
    .filter((record) => record.order === order)
    .sort((a, b) => a.preference - b.preference)
    .flatMap((record) => dnsName(record.replacement) ?? []);
  return [...new Set(names)].slice(0, SERVICE_NAMES_MAX);
}

const SERVICE_NAMES_MAX = 4;
