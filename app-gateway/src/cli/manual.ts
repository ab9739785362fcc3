import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deployPages } from './deploy-pages.ts';
import { manualPages } from './manual-pages.ts';

/** Writes the manual, and the pages about deploying, anew; a test fails while it is not what the definitions say. */
const folder = fileURLToPath(new URL('../../../docs/manual/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const { file, text } of manualPages()) writeFileSync(`${folder}${file}`, text);

const deploy = fileURLToPath(new URL('../../../docs/deploy/', import.meta.url));
mkdirSync(deploy, { recursive: true });
for (const { file, text } of deployPages()) writeFileSync(`${deploy}${file}`, text);
