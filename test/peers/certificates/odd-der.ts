import { der, oid, sequence } from '../../x509-builder.ts';

/** A name of one common name, as a string of this type. */
export function commonName(tag: number, value: string | Buffer): Buffer {
  const text = typeof value === 'string' ? Buffer.from(value) : value;
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(tag, text))));
}

/** The octets of a BMPString. */
export function bmp(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** A BIT STRING: how many bits are unused, and the octets. */
export function bits(...octets: readonly number[]): Buffer {
  return der(0x03, Buffer.from(octets));
}
