import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { manualPages } from './manual-pages.ts';

/** Writes the manual anew; a test fails while it is not what the definitions say. */
const folder = fileURLToPath(new URL('../../../docs/manual/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const { file, text } of manualPages()) writeFileSync(`${folder}${file}`, text);
