import type { EntryView } from '../../ledger/render/entry-view.ts';
import { fieldText } from '../../ledger/render/field-text.ts';
import { visibleText } from '../../ledger/render/visible-text.ts';
import type { SyslogSeverity } from './rfc5424.ts';
import { isDenied, isOfSip, siemEventOf } from './siem-events.ts';

/** What the format calls 0 to 10. */
const SEVERITY: Readonly<Record<SyslogSeverity, number>> = {
  critical: 10,
  error: 8,
  warning: 6,
  notice: 4,
  informational: 2,
};

/** Our fields that CEF has a name for. */
const KEYS: Readonly<Record<string, string>> = {
  source: 'src',
  sourcePort: 'spt',
  destination: 'dst',
  destinationPort: 'dpt',
  method: 'requestMethod',
  requestUri: 'request',
  from: 'suser',
  to: 'duser',
  code: 'reason',
  note: 'msg',
  author: 'suser',
  bytesReceived: 'in',
  bytesSent: 'out',
};

/** Our fields for which CEF offers numbered strings with a label of ours. */
const LABELLED: Readonly<Record<string, string>> = {
  partner: 'cs1',
  callId: 'cs2',
  rule: 'cs3',
  certificate: 'cs4',
  subject: 'cs5',
  command: 'cs6',
  status: 'cn1',
  size: 'cn2',
};

/** `src` and `dst` are IPv4 addresses; these are where readers look for others. */
const IPV6: Readonly<Record<string, readonly [key: string, label: string]>> = {
  source: ['c6a2', 'Source IPv6 Address'],
  destination: ['c6a3', 'Destination IPv6 Address'],
};

/**
 * A record as ArcSight Common Event Format 0, one line.
 *
 * Dangerous characters become visible before the format's own escapes are put on, line ends too: CEF would allow `\n`,
 * which readers turn back into a line end. Fields that CEF knows nothing like are there as `sallyport…`.
 */
export function formatCef(view: EntryView, programVersion: string): string {
  const { title, severity } = siemEventOf(view);
  const header = ['Sallyport', 'Sallyport', programVersion, view.type, title].map(headerValue);
  return `CEF:0|${header.join('|')}|${SEVERITY[severity]}|${extension(view)}`;
}

function extension(view: EntryView): string {
  const pairs: [string, string | Uint8Array][] = [
    ['rt', String(view.timeMs)],
    ['externalId', String(view.index)],
    ['dvchost', view.node],
    ...(isOfSip(view) ? [['app', 'SIP'] as [string, string]] : []),
    ['sallyportStreamWorker', String(view.worker)],
    ['sallyportStreamEpoch', view.epoch],
    ['sallyportSeq', String(view.seq)],
  ];
  const denied = isDenied(view);
  if (denied !== undefined) pairs.push(['act', denied ? 'denied' : 'allowed']);
  for (const name of Object.keys(view.fields)) {
    const value = fieldText(view, name) ?? '';
    const [key, label] = keyOf(name, value);
    if (label !== undefined) pairs.push([`${key}Label`, label]);
    pairs.push([key, value]);
  }
  return pairs.map(([key, value]) => `${key}=${extensionValue(value)}`).join(' ');
}

/** The key, and the label that numbered keys have. */
function keyOf(name: string, value: string | Uint8Array): readonly [key: string, label?: string] {
  const numbered = LABELLED[name];
  if (numbered !== undefined) return [numbered, name];
  const ipv6 = IPV6[name];
  if (ipv6 !== undefined && typeof value === 'string' && value.includes(':')) return ipv6;
  return [KEYS[name] ?? `sallyport${name.charAt(0).toUpperCase()}${name.slice(1)}`];
}

function headerValue(value: string): string {
  return visibleText(value).replace(/[\\|]/g, (character) => `\\${character}`);
}

function extensionValue(value: string | Uint8Array): string {
  return visibleText(value).replace(/[\\=]/g, (character) => `\\${character}`);
}
