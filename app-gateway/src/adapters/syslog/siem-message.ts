import type { EntryView, ShownValue } from '../../ledger/render/entry-view.ts';
import { formatCef } from './cef.ts';
import { formatOcsf } from './ocsf.ts';
import { formatSyslog } from './rfc5424.ts';
import { siemEventOf } from './siem-events.ts';

/** In which words a destination is spoken to. */
export type SiemFormat = 'cef' | 'ocsf';

/** What receivers should be able to take (RFC 5425 §4.3.1); many take no more. */
export const MESSAGE_BYTES_MAX = 8192;

/**
 * The private enterprise number in the name of our structured data (RFC 5424 §7.2.2): the one that RFC 5612 keeps for
 * examples, since the product has no number of its own.
 */
const ELEMENT_ID = 'sallyport@32473';
/** Longest value of a field, in characters; each next one is tried when the message is still too long. */
const VALUE_CHARS_MAX = [1024, 256, 64, 16] as const;

/**
 * One record as one syslog message of at most 8192 octets.
 *
 * Where its fields do not fit, the longest are shortened and the structured data says so: the whole record is in the
 * ledger under the index, which stands there too and by which a repeated message is known.
 */
export function siemMessage(view: EntryView, format: SiemFormat, programVersion: string): Buffer {
  const whole = messageOf(view, format, programVersion, false);
  if (whole.length <= MESSAGE_BYTES_MAX) return whole;
  let message = whole;
  for (const charsMax of VALUE_CHARS_MAX) {
    message = messageOf(shortened(view, charsMax), format, programVersion, true);
    if (message.length <= MESSAGE_BYTES_MAX) break;
  }
  return message;
}

function messageOf(
  view: EntryView,
  format: SiemFormat,
  programVersion: string,
  isShortened: boolean,
): Buffer {
  const { index, timeMs, node, worker, epoch, seq, type } = view;
  const parameters = {
    index: String(index),
    node,
    worker: String(worker),
    epoch,
    seq: String(seq),
    ...(isShortened ? { shortened: 'true' } : {}),
  };
  return formatSyslog({
    severity: siemEventOf(view).severity,
    timeMs,
    hostName: node,
    appName: 'sallyport',
    procId: String(worker),
    msgId: type,
    elements: [{ id: ELEMENT_ID, parameters }],
    text: format === 'cef' ? formatCef(view, programVersion) : formatOcsf(view, programVersion),
  });
}

function shortened(view: EntryView, charsMax: number): EntryView {
  const fields = Object.entries(view.fields).map(([name, value]) => [name, cut(value, charsMax)]);
  return { ...view, fields: Object.fromEntries(fields) as EntryView['fields'] };
}

function cut(value: ShownValue, charsMax: number): ShownValue {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return Array.from(value).slice(0, charsMax).join('');
  if ('hex' in value) return { hex: value.hex.slice(0, charsMax * 2) };
  return [Array.from(value.join(' ')).slice(0, charsMax).join('')];
}
