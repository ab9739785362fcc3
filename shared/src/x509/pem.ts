const BASE64_LINE = /^[A-Za-z0-9+/]+={0,2}$/;
const LINE_CHARS = 64;
const BLOCKS_MAX = 1000;

/**
 * Decodes every PEM block of one label (RFC 7468), in order; text around the blocks is ignored.
 *
 * All or nothing: a block that is broken, unterminated or not plain base64 makes the list empty, so
 * that nobody works with half a bundle. Encapsulated headers (encrypted keys) count as broken. At most
 * 1000 blocks.
 */
export function decodePem(text: string, label: string): Buffer[] {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const blocks: Buffer[] = [];
  let lines: string[] | undefined;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.trim();
    if (line === begin) {
      if (lines !== undefined || blocks.length >= BLOCKS_MAX) return [];
      lines = [];
    } else if (line === end) {
      const block = lines && decodeBlock(lines);
      if (block === undefined) return [];
      blocks.push(block);
      lines = undefined;
    } else if (line !== '') {
      lines?.push(line);
    }
  }
  return lines === undefined ? blocks : [];
}

/** Encodes one PEM block, 64 characters to the line and a final line break (RFC 7468 §3). */
export function encodePem(der: Uint8Array, label: string): string {
  const base64 = Buffer.from(der).toString('base64');
  let body = '';
  for (let at = 0; at < base64.length; at += LINE_CHARS) {
    body += `${base64.slice(at, at + LINE_CHARS)}\n`;
  }
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}

function decodeBlock(lines: readonly string[]): Buffer | undefined {
  if (!lines.every((line) => BASE64_LINE.test(line))) return undefined;
  const base64 = lines.join('');
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === base64 ? bytes : undefined;
}
