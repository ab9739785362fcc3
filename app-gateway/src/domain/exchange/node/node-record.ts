/** A host of the site, as its channel certificates know it. */
export interface NodeRecord {
  readonly node: string;
  readonly role: 'proxy' | 'gateway';
  readonly state: 'approved' | 'revoked';
  /** What it is dialled by. */
  readonly hosts: readonly string[];
  /** Of its certificates that have not ended yet. */
  readonly certificates: readonly {
    /** Hexadecimal, lower case. */
    readonly serial: string;
    readonly notAfterMs: number;
  }[];
  readonly revokedAtMs?: number;
  readonly reason?: string;
}
