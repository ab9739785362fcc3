import { bytesOf } from './grammar.ts';
import { isIpv4, isIpv6 } from './host.ts';

/**
 * One spelling for all spellings of an IP address, so that two can be compared as text; undefined for a name.
 *
 * Brackets and an interface's name are dropped. An IPv4-mapped IPv6 address becomes the IPv4 address that it
 * carries, as dual-stack sockets report IPv4 peers in that form (RFC 5118 §4.9).
 */
export function comparableAddress(text: string): string | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = bare.indexOf('%');
  const address = zone < 0 ? bare : bare.slice(0, zone);
  const bytes = bytesOf(address);
  if (bytes === undefined) return undefined;
  if (isIpv4(bytes, 0, bytes.length)) return address.split('.').map(Number).join('.');
  return isIpv6(bytes, 0, bytes.length) ? ipv6Groups(address) : undefined;
}

function ipv6Groups(address: string): string {
  const [head = '', tail] = address.replace(/:::/, '::').split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => 0);
  const groups = [...left, ...middle, ...right];
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xff_ff;
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return groups.map((group) => group.toString(16)).join(':');
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
