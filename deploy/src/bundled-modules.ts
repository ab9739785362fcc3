import { isBuiltin } from 'node:module';

/** What the bundler says of its work; esbuild's `--metafile`, as far as it is read. */
export interface BundleReport {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<
    Record<
      string,
      { readonly imports: readonly { readonly path: string; readonly external?: boolean }[] }
    >
  >;
}

/** What a bundle consists of, besides our own modules. */
export interface ForeignModules {
  /** Third-party packages inside, as the lock file names them: `node_modules/pg`. */
  readonly packages: readonly string[];
  /** What it would load when it runs, Node's own modules left out. */
  readonly outside: readonly string[];
}

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** The third-party code in a bundle, and what the bundle still wants from outside. */
export function foreignModules(report: BundleReport): ForeignModules {
  const packages = Object.keys(report.inputs).flatMap((path) => PACKAGE.exec(path)?.[1] ?? []);
  const outside = Object.values(report.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external === true && !isBuiltin(path))
    .map(({ path }) => path);
  return { packages: [...new Set(packages)].sort(), outside: [...new Set(outside)].sort() };
}

/** Why a bundle may not be packed: each package or outside module that is not on its list. */
export function bundleProblems(
  found: ForeignModules,
  allowed: { readonly packages: 'none' | 'locked'; readonly outside: readonly string[] },
): readonly string[] {
  const packages =
    allowed.packages === 'locked'
      ? []
      : found.packages.map((path) => `third-party package inside: ${path}`);
  const outside = found.outside
    .filter((path) => !allowed.outside.includes(path))
    .map((path) => `loads at run time: ${path}`);
  return [...packages, ...outside];
}
