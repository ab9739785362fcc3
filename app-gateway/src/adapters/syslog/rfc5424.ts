import { visibleText } from '../../ledger/render/visible-text.ts';

/** How loud a message is (RFC 5424 §6.2.1); quieter ones exist and are not for an audit. */
export const SYSLOG_SEVERITY = {
  critical: 2,
  error: 3,
  warning: 4,
  notice: 5,
  informational: 6,
} as const;

/** Name of a severity. */
export type SyslogSeverity = keyof typeof SYSLOG_SEVERITY;

/** An SD-ELEMENT; id and names are ours, values are anybody's. */
export interface StructuredElement {
  readonly id: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One message before it is written down. */
export interface SyslogMessage {
  readonly severity: SyslogSeverity;
  readonly timeMs: number;
  readonly hostName: string;
  readonly appName: string;
  readonly procId: string;
  readonly msgId: string;
  readonly elements: readonly StructuredElement[];
  readonly text: string;
}

/** "log audit" (RFC 5424 table 1). */
const FACILITY = 13;
const NIL = '-';
const TIME_MS_MAX = 253_402_300_799_999;
const BYTE_ORDER_MARK = '\ufeff';
const CONTROL = /\p{Cc}/u;
const ASCII = /^[\x20-\x7e]*$/;

/**
 * A message as RFC 5424 §6 has it, without line end: what separates messages is for the transport to say.
 *
 * Header fields are cut and cleaned to what they may hold. The text must be free of control characters: whoever made
 * it knows how its format escapes them, so one that is left is a bug here. It gets the byte order mark that §6.4
 * demands of UTF-8 only when it is more than ASCII, so that JSON stays what parsers expect.
 */
export function formatSyslog(message: SyslogMessage): Buffer {
  const { severity, timeMs, hostName, appName, procId, msgId, elements, text } = message;
  if (CONTROL.test(text)) throw new Error('a control character in the text of a syslog message');
  const header = [
    `<${FACILITY * 8 + SYSLOG_SEVERITY[severity]}>1`,
    timestamp(timeMs),
    headerField(hostName, 255),
    headerField(appName, 48),
    headerField(procId, 128),
    headerField(msgId, 32),
  ].join(' ');
  const data = elements.length === 0 ? NIL : elements.map(formatElement).join('');
  const mark = ASCII.test(text) ? '' : BYTE_ORDER_MARK;
  return Buffer.from(`${header} ${data} ${mark}${text}`, 'utf8');
}

/** Milliseconds, UTC (RFC 5424 §6.2.3); a time that has no four-digit year is not known. */
function timestamp(timeMs: number): string {
  return timeMs >= 0 && timeMs <= TIME_MS_MAX ? new Date(timeMs).toISOString() : NIL;
}

/** PRINTUSASCII of a limited length, never empty. */
function headerField(value: string, charsMax: number): string {
  const printable = value.replace(/[^\x21-\x7e]/g, '_').slice(0, charsMax);
  return printable === '' ? NIL : printable;
}

/** Quote, backslash and bracket are escaped in values and nowhere else (RFC 5424 §6.3.3). */
function formatElement({ id, parameters }: StructuredElement): string {
  const written = Object.entries(parameters).map(([name, value]) => {
    const escaped = visibleText(value).replace(/["\\\]]/g, (character) => `\\${character}`);
    return ` ${name}="${escaped}"`;
  });
  return `[${id}${written.join('')}]`;
}
