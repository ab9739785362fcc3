import { hash } from 'node:crypto';

/**
 * What stands for a gateway where partners can see it: eight hexadecimal digits instead of its name.
 *
 * Proxies compute it from the name in the hello, so that they can hand a response to the gateway whose branch it carries.
 */
export function nodeTag(site: string, node: string): string {
  return hash('sha256', `sallyport node\n${site}\n${node}`, 'hex').slice(0, 8);
}
