import { errorCode } from '@sallyport/shared/error-code.ts';
/** How a connection came to its end, or did not come about. */
export type Ending =
  | { readonly kind: 'timeout' }
  /** The peer said why (RFC 8446 §6). */
  | { readonly kind: 'alert'; readonly number: number }
  /** Closed or reset without a word. */
  | { readonly kind: 'closed' }
  /** What answers there does not speak TLS. */
  | { readonly kind: 'not-tls' }
  /** The probe itself was ended. */
  | { readonly kind: 'aborted' }
  | { readonly kind: 'error'; readonly code: string };

const ALERT = /SSL alert number (\d{1,3})\b/;
const NOT_TLS: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_UNEXPECTED_MESSAGE',
]);
const CLOSED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ERR_SSL_UNEXPECTED_EOF']);

/** Reads an error of a socket; OpenSSL tells the number of an alert in its message alone. */
export function endingOf(cause: Error): Ending {
  const alert = ALERT.exec(cause.message)?.[1];
  if (alert !== undefined) return { kind: 'alert', number: Number(alert) };
  const code = errorCode(cause) ?? 'unknown';
  if (NOT_TLS.has(code)) return { kind: 'not-tls' };
  if (CLOSED.has(code)) return { kind: 'closed' };
  return { kind: 'error', code };
}

/** Name and meaning of each alert that a server may send (RFC 8446 §6.2, RFC 5246 §7.2.2). */
const ALERTS: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  0: ['close_notify', 'it closed the connection'],
  10: ['unexpected_message', 'it did not expect what was sent'],
  20: ['bad_record_mac', 'what arrived had been changed on the way'],
  21: ['decryption_failed', 'what arrived had been changed on the way'],
  22: ['record_overflow', 'it was sent too much at once'],
  40: ['handshake_failure', 'no cipher, group or certificate suits both sides, or none was shown'],
  41: ['no_certificate', 'it wants a certificate'],
  42: ['bad_certificate', 'our certificate is broken in its eyes, or it does not like the names'],
  43: ['unsupported_certificate', 'our certificate is of a kind or purpose that it does not take'],
  44: ['certificate_revoked', 'it thinks that our certificate was revoked'],
  45: ['certificate_expired', 'our certificate is past its date by its clock'],
  46: ['certificate_unknown', 'it does not take our certificate and does not say why'],
  47: ['illegal_parameter', 'something in the handshake made no sense to it'],
  48: ['unknown_ca', 'it does not know the authority of our certificate'],
  49: ['access_denied', 'it knows our certificate and does not let us in'],
  50: ['decode_error', 'it could not read the handshake'],
  51: ['decrypt_error', 'a signature in the handshake was wrong in its eyes'],
  70: ['protocol_version', 'it speaks no version of TLS that we do'],
  71: ['insufficient_security', 'it wants stronger ciphers than ours'],
  80: ['internal_error', 'something went wrong on its side'],
  86: ['inappropriate_fallback', 'it thinks that somebody weakens the connection'],
  90: ['user_canceled', 'it gave up'],
  109: ['missing_extension', 'it missed something in our greeting'],
  110: ['unsupported_extension', 'it saw something that it had not offered'],
  112: ['unrecognized_name', 'it serves no such name (SNI)'],
  113: ['bad_certificate_status_response', 'an OCSP staple was wrong'],
  115: ['unknown_psk_identity', 'it knows no such key'],
  116: ['certificate_required', 'it wants a certificate and saw none'],
  120: ['no_application_protocol', 'no application protocol suits both sides'],
};

/** Those that speak of our certificate alone. */
const OF_OUR_CERTIFICATE: ReadonlySet<number> = new Set([41, 42, 43, 44, 45, 46, 48, 49, 116]);

/** Whether this says that our certificate was not taken. */
export function rejectsOurCertificate(ending: Ending): boolean {
  return ending.kind === 'alert' && OF_OUR_CERTIFICATE.has(ending.number);
}

/** The end in plain words. */
export function endingText(ending: Ending): string {
  switch (ending.kind) {
    case 'timeout':
      return 'nothing came in time';
    case 'alert': {
      const [name, meaning] = ALERTS[ending.number] ?? ['unknown', 'a number without a name'];
      return `TLS alert ${ending.number} ${name}: ${meaning}`;
    }
    case 'closed':
      return 'it closed the connection without a word';
    case 'not-tls':
      return 'what answers there does not speak TLS';
    case 'aborted':
      return 'not tried to the end: the probe was ended';
    case 'error':
      return ERRORS[ending.code] ?? `error ${ending.code}`;
  }
}

const ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the port is closed (connection refused)',
  EHOSTUNREACH: 'no way to this host',
  ENETUNREACH: 'no way to this network',
  ETIMEDOUT: 'nothing came in time',
  ERR_ACCESS_DENIED: 'this proxy may not open connections',
};

/** The end for scripts. */
export function endingCode(ending: Ending): string {
  switch (ending.kind) {
    case 'alert':
      return `tls-alert-${ending.number}`;
    case 'error':
      return (
        ending.code
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .slice(0, 64) || 'error'
      );
    default:
      return ending.kind;
  }
}
