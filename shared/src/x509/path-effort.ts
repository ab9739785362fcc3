import type { Certificate } from './certificate.ts';
import { isSignedBy } from './certificate-signature.ts';

const SIGNATURE_CHECKS_MAX = 256;
const LINKS_MAX = 2048;
/** The most names that a certificate has, below the most subtrees that constraints have, once. */
const NAME_COMPARISONS_MAX = 250_000;

/**
 * What may be spent on one peer's certificates, in however many trust sets its paths are looked for; and what was found
 * of their signatures on the way, so that no set asks again.
 *
 * A peer chooses its certificates and whom it says it is: without a bound over all, each partner that it names would
 * cost a whole search.
 */
export class PathEffort {
  readonly #verdicts = new Map<Certificate, Map<string, boolean>>();
  #signatureChecks = 0;
  #links = 0;
  #nameComparisons = 0;

  /** Whether one of the bounds was passed: whatever is asked after that is false. */
  get isSpent(): boolean {
    return (
      this.#signatureChecks > SIGNATURE_CHECKS_MAX ||
      this.#links > LINKS_MAX ||
      this.#nameComparisons > NAME_COMPARISONS_MAX
    );
  }

  /** One more certificate was looked at as an issuer. */
  countLink(): void {
    this.#links++;
  }

  /** So many names are about to be compared with subtrees. */
  countNameComparisons(count: number): void {
    this.#nameComparisons += count;
  }

  /** What was found of a signature, if it was looked at: by the issuer's key, in whatever certificate that is. */
  verdictOn(certificate: Certificate, issuer: Certificate): boolean | undefined {
    return this.#verdicts.get(certificate)?.get(issuer.spkiSha256);
  }

  /** Looks at a signature. */
  check(certificate: Certificate, issuer: Certificate): boolean {
    this.#signatureChecks++;
    if (this.isSpent) return false;
    const isSigned = isSignedBy(certificate, issuer);
    const verdicts = this.#verdicts.get(certificate) ?? new Map<string, boolean>();
    this.#verdicts.set(certificate, verdicts.set(issuer.spkiSha256, isSigned));
    return isSigned;
  }
}
