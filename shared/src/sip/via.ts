import { err, ok, type Result } from '../result.ts';
import { bytesOf } from './grammar.ts';
import { formatParameters, type Parameters, parseParameters } from './parameters.ts';
import type { SipFault } from './sip-fault.ts';
import { ViaSpans } from './via-spans.ts';

/** One hop that a request took (RFC 3261 §20.42). */
export interface Via {
  readonly protocol: string;
  readonly version: string;
  /** Upper case. */
  readonly transport: string;
  /** Lower case; an IPv6 address in brackets. */
  readonly host: string;
  readonly port?: number;
  readonly parameters: Parameters;
}

const spans = new ViaSpans();

/** Reads one Via value with nothing behind it. */
export function parseVia(text: string): Result<Via, SipFault> {
  const bytes = bytesOf(text);
  if (bytes === undefined || spans.scan(bytes, 0, bytes.length) !== bytes.length) {
    return err('sip-via-malformed');
  }
  const via = viaOf(text, bytes);
  return via === undefined ? err('sip-via-malformed') : ok(via);
}

/** Reads all values of one Via field, topmost first. */
export function parseViaList(text: string): Result<readonly Via[], SipFault> {
  const bytes = bytesOf(text);
  if (bytes === undefined) return err('sip-via-malformed');
  const vias: Via[] = [];
  for (let at = 0; ; at++) {
    const end = spans.scan(bytes, at, bytes.length);
    if (end < 0) return err('sip-via-malformed');
    const via = viaOf(text, bytes.subarray(0, end));
    if (via === undefined) return err('sip-via-malformed');
    vias.push(via);
    if (end === bytes.length) return ok(vias);
    at = end;
  }
}

/** `bytes` end where the value ends. */
function viaOf(text: string, bytes: Uint8Array): Via | undefined {
  const parameters = parseParameters(text, bytes, spans.parametersStart);
  if (parameters === undefined) return undefined;
  return {
    protocol: 'SIP',
    version: text.slice(spans.versionStart, spans.versionEnd),
    transport: text.slice(spans.transportStart, spans.transportEnd).toUpperCase(),
    host: text.slice(spans.hostStart, spans.hostEnd).toLowerCase(),
    ...(spans.portStart >= 0 && { port: Number(text.slice(spans.portStart, spans.portEnd)) }),
    parameters,
  };
}

/** One Via value as text. */
export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  const protocol = `${via.protocol}/${via.version}/${via.transport}`;
  return `${protocol} ${via.host}${port}${formatParameters(via.parameters)}`;
}
