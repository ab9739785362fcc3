import { hash } from 'node:crypto';
import type { TrustSetSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';

/** Keys of one partner that are valid together, parsed. */
export interface TrustSet {
  readonly id: string;
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly pins: readonly string[];
  /** Hash of the content: equal marks mean equal trust. */
  readonly mark: string;
}

/** Parses a set, or takes the one that was parsed from the same content before; `problems` gets what cannot be read. */
export function trustSetOf(
  snapshot: TrustSetSnapshot,
  partner: string,
  known: readonly TrustSet[],
  problems: string[],
): TrustSet {
  const { id, anchors, intermediates, pins } = snapshot;
  const mark = hash('sha256', canonicalJson({ anchors, intermediates, pins }), 'base64');
  const same = known.find((set) => set.mark === mark);
  if (same !== undefined) return { ...same, id };
  return {
    id,
    anchors: certificates(anchors, `partner ${partner}: anchor`, problems),
    intermediates: certificates(intermediates, `partner ${partner}: intermediate`, problems),
    pins,
    mark,
  };
}

function certificates(pems: readonly string[], what: string, problems: string[]): Certificate[] {
  return pems.flatMap((pem) => {
    const parsed = decodePem(pem, 'CERTIFICATE').map((der) => parseCertificate(der));
    if (parsed.length === 0) problems.push(`${what} is not PEM`);
    return parsed.flatMap((certificate) => {
      if (certificate.ok) return [certificate.value];
      problems.push(`${what}: ${certificate.error}`);
      return [];
    });
  });
}
