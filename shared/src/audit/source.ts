/** Who wrote a stream of records: one run of one worker of one node. Gateways have one worker, 0. */
export interface AuditSource {
  readonly node: string;
  /** From 0 to 255. */
  readonly worker: number;
  /** Random at the start of the run, 64 bits. */
  readonly epoch: bigint;
}

/** One text for one source, for tables and for people. */
export function formatSource(source: AuditSource): string {
  return `${source.node}/${source.worker}/${source.epoch.toString(16).padStart(16, '0')}`;
}
