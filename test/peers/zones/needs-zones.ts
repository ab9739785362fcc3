import { execFileSync } from 'node:child_process';
import { needs, type PeerProgram } from '../support/available.ts';
import { environment } from '../support/environment.ts';

/** Options for a test that makes network namespaces: skipped, with the reason, where that is not allowed or a program is missing. */
export function needsZones(...programs: readonly PeerProgram[]): { skip: string | false } {
  const missing = needs(...programs);
  if (missing.skip !== false) return missing;
  const name = `sp-${process.pid}-probe`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'exec', name, 'nft', 'list', 'ruleset'], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    return { skip: false };
  } catch {
    const reason = 'NO NAMESPACES: needs root, iproute2 and nftables (test/peers/install.sh)';
    if (environment['CI'] === 'true') throw new Error(reason);
    console.error(`peers: ${reason}`);
    return { skip: reason };
  }
}
