/**
 * Messages behind their lengths, as they travel over TLS (RFC 5425 §4.3): `MSG-LEN SP SYSLOG-MSG`, nothing between
 * them. Whatever a message holds, it cannot look like the beginning of another.
 */
export function octetCounted(messages: readonly Buffer[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => [Buffer.from(`${message.length} `, 'latin1'), message]),
  );
}
