import { Tag } from './der-reader.ts';

/** One DER element of definite, shortest length (X.690 §10.1). */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...contents]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(Tag.sequence, ...contents);
}

/** The caller sees to the order, which DER wants sorted: all sets here have one member or none. */
export function setOf(...contents: readonly Uint8Array[]): Buffer {
  return der(Tag.set, ...contents);
}

export function octetString(bytes: Uint8Array): Buffer {
  return der(Tag.octetString, bytes);
}

/** A whole number from 0 to 2^31 - 1. */
export function integer(value: number): Buffer {
  const octets = Buffer.alloc(5);
  octets.writeUInt32BE(value, 1);
  const start = octets.findIndex((octet, n) => octet !== 0 || (octets[n + 1] ?? 0x80) >= 0x80);
  return der(Tag.integer, octets.subarray(start));
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(Tag.objectIdentifier, Buffer.from(octets));
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return [0x80 | octets.length, ...octets];
}
