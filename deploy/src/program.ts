import { INBORN_ARGUMENTS } from '@sallyport/dmz-proxy/launcher/single-file.ts';

/** One of the two programs, as it is built and packed. */
export interface Program {
  readonly name: 'sallyport-dmz-proxy' | 'sallyport-gateway';
  /** Its first module, from the top of the repository. */
  readonly entry: string;
  /** Whether third-party packages may be inside. */
  readonly packages: 'none' | 'locked';
  /** What it may ask for when it runs and does without. */
  readonly outside: readonly string[];
  /** What Node is told by the executable itself. */
  readonly inbornArguments: readonly string[];
  /** Files that stand beside the executable, from the top of the repository. */
  readonly beside: readonly string[];
}

/** The edge: nothing in it but our own code and Node.js, and its rights are inside. */
export const DMZ_PROXY: Program = {
  name: 'sallyport-dmz-proxy',
  entry: 'dmz-proxy/bin/single-file.ts',
  packages: 'none',
  outside: [],
  inbornArguments: INBORN_ARGUMENTS,
  beside: [],
};

const PGLITE = 'node_modules/@electric-sql/pglite/dist';

/** The inner program and the command line, with the files of the embedded database beside them. */
export const GATEWAY: Program = {
  name: 'sallyport-gateway',
  entry: 'app-gateway/src/single-file.ts',
  packages: 'locked',
  // A faster client that pg uses where somebody has installed it; it is not ours to ship.
  outside: ['pg-native'],
  inbornArguments: ['--disable-warning=ExperimentalWarning'],
  beside: [`${PGLITE}/pglite.wasm`, `${PGLITE}/pglite.data`, `${PGLITE}/initdb.wasm`],
};
