import type { EphemeralPorts } from './compare-listening.ts';
import type { SystemView } from './system-view.ts';

/** What Linux has where nobody changed it (ip-sysctl). */
const USUAL: EphemeralPorts = { first: 32_768, last: 60_999 };

/** The ports from which this machine’s own conversations go out. */
export function ephemeralPorts(system: SystemView): EphemeralPorts {
  const text = system.text('/proc/sys/net/ipv4/ip_local_port_range');
  const [first, last] = (text ?? '').trim().split(/\s+/).map(Number);
  const isRange = Number.isInteger(first) && Number.isInteger(last);
  return isRange ? { first: first as number, last: last as number } : USUAL;
}
