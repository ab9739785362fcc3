import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyReport, withRecords } from '@sallyport/app-gateway/ledger/partner-report.ts';
import { csvHeading, entryCsv } from '@sallyport/app-gateway/ledger/render/entry-csv.ts';
import { entryJson } from '@sallyport/app-gateway/ledger/render/entry-json.ts';
import { entryLine, entryLines } from '@sallyport/app-gateway/ledger/render/entry-line.ts';
import { type EntryView, entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { jsonLine } from '@sallyport/app-gateway/ledger/render/json-line.ts';
import { ladderOf } from '@sallyport/app-gateway/ledger/render/ladder.ts';
import { ladderSvg } from '@sallyport/app-gateway/ledger/render/ladder-svg.ts';
import { ladderText } from '@sallyport/app-gateway/ledger/render/ladder-text.ts';
import { reportHtml } from '@sallyport/app-gateway/ledger/render/report-html.ts';
import { reportText } from '@sallyport/app-gateway/ledger/render/report-text.ts';
import { sipClf } from '@sallyport/app-gateway/ledger/render/sip-clf.ts';
import { visibleText } from '@sallyport/app-gateway/ledger/render/visible-text.ts';
import { textOfBytes } from '@sallyport/shared/audit/wire-text.ts';
import { HOSTILE, hostileEntry } from './hostile-values.ts';

interface Rendering {
  readonly name: string;
  render(view: EntryView): string;
  /** What only the renderer itself may write of control characters. */
  readonly own: RegExp;
  /** How many lines there are, whatever the values. */
  lines?(view: EntryView): number;
}

function callIdOf(view: EntryView): string {
  const { callId } = view.fields;
  return typeof callId === 'string' ? callId : '';
}

function reportOf(view: EntryView) {
  const refused: EntryView = {
    ...view,
    type: 'message-refused',
    fields: { ...view.fields, code: view.fields['callId'] ?? '' },
  };
  const opened: EntryView = {
    ...view,
    type: 'connection-opened',
    fields: { certificate: 'ab', names: view.fields['callId'] ?? '' },
  };
  const changed: EntryView = {
    ...view,
    type: 'partner-changed',
    fields: { author: view.fields['callId'] ?? '', command: view.fields['callId'] ?? '' },
  };
  return withRecords(emptyReport(callIdOf(view), '2026-11'), [view, refused, opened, changed], []);
}

const RENDERINGS: readonly Rendering[] = [
  { name: 'line of a search', render: entryLine, own: /(?!)/, lines: () => 1 },
  {
    name: 'all fields',
    render: (view) => entryLines(view).join('\n'),
    own: /\n/g,
    lines: (view) => 2 + Object.keys(view.fields).length,
  },
  { name: 'JSON', render: entryJson, own: /\n/g, lines: () => 2 },
  { name: 'answer of a command', render: (view) => jsonLine(view), own: /\n/g, lines: () => 2 },
  { name: 'CSV', render: entryCsv, own: /\r\n/g },
  { name: 'RFC 6873', render: (view) => sipClf(view) ?? '', own: /[\n\t]/g, lines: () => 3 },
  {
    name: 'ladder',
    render: (view) => ladderText(ladderOf(callIdOf(view), [view])),
    own: /\n/g,
    lines: () => 5,
  },
  {
    name: 'ladder as SVG',
    render: (view) => ladderSvg(ladderOf(callIdOf(view), [view])),
    own: /\n/g,
  },
  { name: 'report', render: (view) => reportText(reportOf(view)), own: /\n/g },
  {
    name: 'report as HTML',
    render: (view) => reportHtml(reportOf(view), 'sallyport/acme', 0),
    own: /\n/g,
  },
];

describe('what a peer wrote, in every rendering', () => {
  for (const { name, render, own, lines } of RENDERINGS) {
    for (const [what, octets] of HOSTILE) {
      it(`${name}: ${what}`, () => {
        const view = entryView(hostileEntry(octets));
        const text = render(view);
        assert.doesNotMatch(text.replace(own, ''), /[\p{C}\p{Zl}\p{Zp}]/u);
        if (lines !== undefined) assert.equal(text.split('\n').length, lines(view));
      });
    }
  }

  it('every rendering tells all of them apart', () => {
    for (const { name, render } of RENDERINGS.filter(({ name: of }) => !of.startsWith('ladder'))) {
      const texts = HOSTILE.map(([, octets]) => render(entryView(hostileEntry(octets))));
      assert.equal(new Set(texts).size, HOSTILE.length, name);
    }
  });
});

describe('JSON', () => {
  for (const [what, octets] of HOSTILE) {
    it(`${what}: any parser reads back what came`, () => {
      const { fields } = JSON.parse(entryJson(entryView(hostileEntry(octets)))) as EntryView;
      const { callId } = fields;
      const back =
        typeof callId === 'object' && 'hex' in callId
          ? Buffer.from(callId.hex, 'hex')
          : Buffer.from(String(callId));
      assert.deepEqual(back, octets);
    });
  }
});

/** As strict a reader as RFC 4180 describes. */
function csvCells(line: string): readonly string[] {
  const cells: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n$)/y;
  for (let at = 0; at < line.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const match = cell.exec(line);
    assert.ok(match, `no cell at ${at} of ${line}`);
    const [, text = ''] = match;
    cells.push(text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
  }
  return cells;
}

/** What a spreadsheet takes for one, with the quotes around it or without them. */
const FORMULA = /^["\s]*[=+\-@\uff0b\uff0d\uff1d\uff20]/;

describe('CSV (RFC 4180)', () => {
  const columns = csvCells(csvHeading());
  for (const [what, octets] of HOSTILE) {
    it(`${what}: stays in its cell, and no spreadsheet calculates with it`, () => {
      const cells = csvCells(entryCsv(entryView(hostileEntry(octets))));
      assert.equal(cells.length, columns.length);
      const cell = cells[columns.indexOf('callId')] ?? '';
      assert.doesNotMatch(cell, FORMULA);
      assert.equal(cell.replace(/(^|;)'/g, '$1'), visibleText(octets));
    });

    it(`${what}: nor where lists have semicolons`, () => {
      const row = entryCsv(entryView(hostileEntry(octets)));
      for (const cell of row.trimEnd().split(';')) assert.doesNotMatch(cell, FORMULA);
    });
  }
});

describe('a record that is none', () => {
  const { record, ...entry } = hostileEntry(Buffer.from('x'));
  for (const cut of [0, 5, 13, record.length - 1]) {
    it(`of ${cut} octets is shown as what it is`, () => {
      const view = entryView({ ...entry, record: record.subarray(0, cut) });
      assert.equal(view.type, 'unreadable');
      assert.deepEqual(view.fields, { record: { hex: record.subarray(0, cut).toString('hex') } });
      for (const { render } of RENDERINGS) assert.equal(typeof render(view), 'string');
    });
  }

  it('texts of decoded records are escaped alike', () => {
    const octets = Buffer.from([0x61, 0xff]);
    assert.equal(visibleText(textOfBytes(octets, 0, 2)), 'a\\xff');
  });
});
