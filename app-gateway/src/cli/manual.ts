import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { posturePage } from '../posture/posture-page.ts';
import { manualPages } from './manual-pages.ts';

/** Writes the manual, and the tables of the page about posture, anew; a test fails while it is not what the definitions say. */
const folder = fileURLToPath(new URL('../../../docs/manual/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const { file, text } of manualPages()) writeFileSync(`${folder}${file}`, text);

const posture = fileURLToPath(new URL('../../../docs/posture.md', import.meta.url));
writeFileSync(posture, posturePage(readFileSync(posture, 'utf8')));
