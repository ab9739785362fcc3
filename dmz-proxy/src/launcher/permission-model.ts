import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a bundle says of the permission model, before anything else of it is looked at.
 *
 * Only the one word turns it off; a bundle that cannot be read is the launcher's to report.
 */
export function permissionModelIn(bundleFolder: string): 'required' | 'off' {
  try {
    const config: unknown = JSON.parse(readFileSync(join(bundleFolder, 'proxy.json'), 'utf8'));
    return Object(config).permissionModel === 'off' ? 'off' : 'required';
  } catch {
    return 'required';
  }
}
