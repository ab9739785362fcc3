/**
 * Whether a Retry-After begins with a number of seconds, alone or before a comment or parameters (RFC 3261 §20.33).
 *
 * Any other, such as the date that RFC 2543 allowed, is one over which Kamailio closes the connection, wherever it stands above
 * what it looks for.
 */
export function isRetryAfter(value: string): boolean {
  return /^\d{1,10}(?=$|[ \t;(])/.test(value);
}
