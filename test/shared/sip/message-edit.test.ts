import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import fc from 'fast-check';
import { ROOMY } from './message-verdict.ts';

const LINES = ['v: 1\r\n', 'Via: 2\r\n', 'X: a b\r\n', 'Max-Forwards: 7\r\n', 'l: 4\r\n'];
const MESSAGE = `BYE sip:b SIP/2.0\r\n${LINES.join('')}\r\nbody`;

//  what                    edit                                     message after it
const table: readonly (readonly [string, (edit: MessageEdit) => void, string])[] = [
  ['nothing', () => {}, MESSAGE],
  [
    'the start line',
    (edit) => edit.startLine('BYE sip:longer SIP/2.0\r\n'),
    MESSAGE.replace('sip:b', 'sip:longer'),
  ],
  ['one line gone', (edit) => edit.removeLine(2), MESSAGE.replace('X: a b\r\n', '')],
  [
    'all lines of a name gone',
    (edit) => edit.removeAll(Header.via),
    MESSAGE.replace('v: 1\r\nVia: 2\r\n', ''),
  ],
  ['a name that is not there', (edit) => edit.removeAll(Header.route), MESSAGE],
  [
    'a line replaced',
    (edit) => edit.replaceLine(3, 'Max-Forwards: 6\r\n'),
    MESSAGE.replace('7', '6'),
  ],
  [
    'a line by two',
    (edit) => edit.replaceLine(1, 'A: 1\r\nB: 2\r\n'),
    MESSAGE.replace('Via: 2\r\n', 'A: 1\r\nB: 2\r\n'),
  ],
  [
    'a line replaced twice',
    (edit) => {
      edit.replaceLine(1, 'A: 1\r\n');
      edit.replaceLine(1, 'Long: 1\r\n');
    },
    MESSAGE.replace('Via: 2', 'Long: 1'),
  ],
  [
    'a line replaced, then gone',
    (edit) => {
      edit.replaceLine(1, 'A: 1\r\n');
      edit.removeLine(1);
    },
    MESSAGE.replace('Via: 2\r\n', ''),
  ],
  [
    'a line in front',
    (edit) => edit.insertFirst('Via: 0\r\n'),
    MESSAGE.replace('v: 1', 'Via: 0\r\nv: 1'),
  ],
  [
    'two lines in front',
    (edit) => {
      edit.insertFirst('A: 0\r\n');
      edit.insertFirst('B: 0\r\n');
    },
    MESSAGE.replace('v: 1', 'A: 0\r\nB: 0\r\nv: 1'),
  ],
  [
    'a line behind',
    (edit) => edit.append('Z: 0\r\n'),
    MESSAGE.replace('l: 4\r\n', 'l: 4\r\nZ: 0\r\n'),
  ],
  [
    'the body',
    (edit) => edit.body(Buffer.from('other body')),
    MESSAGE.replace('l: 4', 'Content-Length: 10').replace('\nbody', '\nother body'),
  ],
  [
    'the body gone',
    (edit) => edit.body(Buffer.alloc(0)),
    MESSAGE.replace('l: 4', 'Content-Length: 0').replace('\nbody', '\n'),
  ],
  [
    'every line gone',
    (edit) => {
      for (let line = 0; line < 5; line++) edit.removeLine(line);
    },
    'BYE sip:b SIP/2.0\r\n\r\nbody',
  ],
  [
    'everything',
    (edit) => {
      edit.startLine('BYE sip:c SIP/2.0\r\n');
      edit.insertFirst('Via: 0\r\n');
      edit.removeAll(Header.via);
      edit.replaceLine(3, 'Max-Forwards: 6\r\n');
      edit.append('Z: \u00e9\r\n');
      edit.body(Buffer.from('x'));
    },
    'BYE sip:c SIP/2.0\r\nVia: 0\r\nX: a b\r\nMax-Forwards: 6\r\nContent-Length: 1\r\nZ: \u00e9\r\n\r\nx',
  ],
];

describe('edits of a message', () => {
  const edit = new MessageEdit();
  for (const [what, change, after] of table) {
    it(what, () => {
      edit.begin(indexed(MESSAGE, 3));
      change(edit);
      const out = Buffer.alloc(edit.byteLength() + 2, '#');
      assert.equal(edit.write(out, 1), edit.byteLength() + 1);
      assert.equal(out.toString('latin1'), `#${after}#`);
    });
  }

  it('of one message leave nothing behind for the next', () => {
    edit.begin(indexed(MESSAGE, 0));
    for (const [, change] of table) change(edit);
    edit.begin(indexed(MESSAGE, 0));
    const out = Buffer.alloc(edit.byteLength());
    edit.write(out, 0);
    assert.equal(out.toString('latin1'), MESSAGE);
  });

  it('hold more lines than they held before', () => {
    const many = `BYE sip:b SIP/2.0\r\n${'X: y\r\n'.repeat(100)}l: 0\r\n\r\n`;
    edit.begin(indexed(many, 0));
    edit.removeLine(99);
    const out = Buffer.alloc(edit.byteLength());
    edit.write(out, 0);
    assert.equal(out.length, many.length - 6);
  });

  const BODY = 'OPTIONS sip:b SIP/2.0\r\nl: 0\r\n\r\n';
  //  what                                             lines as they came                          lines that go on
  const worded: readonly (readonly [string, string, string])[] = [
    ['a fold that looks like a length', 'X: a\r\n l: 0\r\n', 'X: a l: 0\r\n'],
    [
      'a fold that looks like a sender',
      'X: "a\r\n\tFrom: <b>\r\n c"\r\n',
      'X: "a From: <b> c"\r\n',
    ],
    ['a fold that looks like the end', 'X: a\r\n \r\n b\r\n', 'X: a  b\r\n'],
    ['a fold in front of a value', 'X:\r\n a\r\n', 'X: a\r\n'],
    ['white space before a colon', 'X \t: a\r\n', 'X: a\r\n'],
    ['white space at the end', 'X: a \t\r\n', 'X: a\r\n'],
    ['control characters', 't: "\\\0a\\\x7f\\"" <sip:b>\r\n', 't: " a \\"" <sip:b>\r\n'],
    ['bytes above 127', 'X: \u00c3\u00bc\r\n \u00c3\u00bc\r\n', 'X: \u00c3\u00bc \u00c3\u00bc\r\n'],
    ['a name that is a token and no more', 'X%: a\r\nx.y_z-1: b\r\n', 'x.y_z-1: b\r\n'],
    ['nothing odd', 'X:a\r\nY:\tb\r\nZ:\r\nT: \r\n', 'X:a\r\nY:\tb\r\nZ:\r\nT: \r\n'],
  ];
  for (const [what, came, goesOn] of worded) {
    it(`pass on ${what} in the one way that all servers read alike`, () => {
      const tail = `l: ${BODY.length}\r\n\r\n${BODY}`;
      edit.begin(indexed(`BYE sip:b SIP/2.0\r\n${came}${tail}`, 2));
      const out = Buffer.alloc(edit.byteLength());
      assert.equal(edit.write(out, 0), out.length);
      assert.equal(out.toString('latin1'), `BYE sip:b SIP/2.0\r\n${goesOn}${tail}`);
    });
  }

  it('of a folded line leave nothing of it', () => {
    edit.begin(indexed('BYE sip:b SIP/2.0\r\nX: a\r\n b\r\nY : c\r\nl: 0\r\n\r\n', 0));
    edit.removeLine(0);
    edit.replaceLine(1, 'Y: d\r\n');
    const out = Buffer.alloc(edit.byteLength());
    assert.equal(edit.write(out, 0), out.length);
    assert.equal(out.toString('latin1'), 'BYE sip:b SIP/2.0\r\nY: d\r\nl: 0\r\n\r\n');
  });

  it('before a message is a mistake of ours', () => {
    assert.throws(() => new MessageEdit().removeLine(0));
  });

  it('length and bytes agree with the same edits made on text', () => {
    const line = fc.tuple(fc.nat(4), fc.constantFrom('', 'A: b\r\n', 'A: b\r\nC: d\r\n'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (changes) => {
        const lines = [...LINES];
        edit.begin(indexed(MESSAGE, 0));
        for (const [at, text] of changes) {
          lines[at] = text;
          if (text === '') edit.removeLine(at);
          else edit.replaceLine(at, text);
        }
        const out = Buffer.alloc(edit.byteLength());
        assert.equal(edit.write(out, 0), out.length);
        assert.equal(out.toString(), `BYE sip:b SIP/2.0\r\n${lines.join('')}\r\nbody`);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

function indexed(text: string, at: number): MessageIndex {
  const bytes = Buffer.from(`${'#'.repeat(at)}${text}`, 'latin1');
  const index = new MessageIndex(ROOMY);
  assert.equal(index.scan(bytes, at, bytes.length), text.length);
  return index;
}
