import type { Workplace } from './workplace.ts';

/** A system under test while it runs. */
export interface RunningSystem {
  /** Its processes, of which CPU time and memory are counted together with all below them. */
  readonly roots: readonly number[];
  /** Where the load connects. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Something that takes SIP over mutual TLS and passes it on. */
export interface System {
  readonly name: string;
  /** More connections than this it cannot take. */
  readonly connectionsMax: number;
  /** What an operator does once, before the first start: not measured. */
  prepare?(place: Workplace): void;
  /** Spawns it, without waiting until it answers; each case gets a fresh one. */
  start(place: Workplace, caseName: string): RunningSystem;
}

/** One measured case: names and numbers. */
export type Measurement = Readonly<Record<string, number>>;

/** One line of the results file. */
export interface ResultRow {
  readonly system: string;
  readonly case: string;
  readonly at: string;
  readonly measured: Measurement;
  /** What went wrong, if anything. */
  readonly note?: string;
}
