/**
 * Something that a reload has made ready beside what is in force: a port opened, a certificate tried.
 *
 * Whatever can fail has been done; exactly one of the two is called, and neither throws.
 */
export interface PreparedChange {
  take(): void;
  discard(): void;
}
