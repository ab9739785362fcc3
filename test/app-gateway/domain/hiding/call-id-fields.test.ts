import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RouteTokens } from '@sallyport/app-gateway/domain/route-token.ts';
import type { Partner, SiteView } from '@sallyport/app-gateway/domain/site-view.ts';
import {
  CLUSTER_KEY,
  CoreStage,
  fromInside,
  fromPartner,
  header,
  type Sent,
  SITE,
} from '../core/core-stage.ts';

describe('references to other dialogs', () => {
  const tokens = new RouteTokens(CLUSTER_KEY);

  it('carry the Call-ID that each side knows, there and back', () => {
    for (const name of ['Replaces', 'Join', 'Target-Dialog']) {
      const stage = new CoreStage();
      const inner = 'dialog-2@one.inner.example';
      const extra = [`${name}: ${inner};to-tag=7;from-tag=8`];
      stage.request(stage.staff, fromInside('INVITE', { extra }));
      const out = header((stage.take().at(-1) as Sent).text, name);
      assert.match(out, /^sp1-[\w-]+;to-tag=7;from-tag=8$/);
      stage.request(stage.globex, fromPartner('INVITE', { extra: [`${name}: ${out}`] }));
      const back = header((stage.take().at(-1) as Sent).text, name);
      assert.equal(back, `${inner};to-tag=7;from-tag=8`);
    }
  });

  it('are masked in an Event, by its long name and its short one', () => {
    const callId = 'dialog-2@one.inner.example';
    for (const name of ['Event', 'o']) {
      const stage = new CoreStage();
      const extra = [`${name}: dialog ; call-id = "${callId}";to-tag=7`];
      stage.request(stage.staff, fromInside('SUBSCRIBE', { extra }));
      const out = header((stage.take().at(-1) as Sent).text, 'Event');
      assert.match(out, /^dialog ;call-id="sp1-[\w-]+";to-tag=7$/);
      // A token needs no quotes.
      for (const back of [out, out.replaceAll('"', '')]) {
        const via = `SIP/2.0/TLS e.globex.example;branch=z9hG4bKe${back.length}`;
        stage.request(stage.globex, fromPartner('SUBSCRIBE', { extra: [`${name}: ${back}`], via }));
        const event = header((stage.take().at(-1) as Sent).text, 'Event');
        assert.equal(event, `dialog ;call-id="${callId}";to-tag=7`);
      }
    }
    const stage = new CoreStage();
    const extra = ['Event: dialog; Call-ID=a;to-tag=7'];
    stage.request(stage.staff, fromInside('SUBSCRIBE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    assert.equal(header(text, 'Event'), 'dialog; Call-ID=a;to-tag=7', 'it tells nothing');
  });

  it('end in an Event where white space begins, and are sought in no quoted string', () => {
    const stage = new CoreStage();
    const event = 'dialog;x=";call-id=a.b";call-id=a.b ;to-tag=7';
    stage.request(stage.staff, fromInside('SUBSCRIBE', { extra: [`Event: ${event}`] }));
    const out = header((stage.take().at(-1) as Sent).text, 'Event');
    const [, token = ''] = /^dialog;x=";call-id=a\.b";call-id="([^"]+)" ;to-tag=7$/.exec(out) ?? [];
    const opened = tokens.open(token);
    assert.equal(opened.ok && opened.value.value, 'a.b', out);
  });

  it('are in an Event with their quotes escaped, as nowhere else (RFC 4235 §3.2)', () => {
    const callId = 'a"b\\c@one.inner.example';
    const event = String.raw`dialog;call-id="a\"b\\c@one.inner.example";to-tag=7`;
    const stage = new CoreStage();
    const extra = [`Event: ${event}`, `Replaces: ${callId};to-tag=7;from-tag=8`];
    stage.request(stage.staff, fromInside('SUBSCRIBE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    const [mask = ''] = header(text, 'Replaces').split(';');
    assert.equal(header(text, 'Event'), `dialog;call-id="${mask}";to-tag=7`);
    stage.request(
      stage.globex,
      fromPartner('SUBSCRIBE', { extra: [`Event: ${header(text, 'Event')}`] }),
    );
    assert.equal(header((stage.take().at(-1) as Sent).text, 'Event'), event);
  });

  it('stand between commas in an In-Reply-To, whatever else they hold', () => {
    const stage = new CoreStage();
    const callIds = ['a"b@one.inner.example', 'c<d', 'e"f.g'];
    const extra = [`In-Reply-To: ${callIds.join(' , ')}`];
    stage.request(stage.staff, fromInside('MESSAGE', { extra }));
    const masked = header((stage.take().at(-1) as Sent).text, 'In-Reply-To').split(', ');
    const opened = masked
      .map((text) => tokens.open(text))
      .map((token) => token.ok && token.value.value);
    assert.deepEqual(opened, [callIds[0], false, callIds[2]]);
    assert.equal(masked[1], callIds[1]);
  });

  it('are left out of an Event where they are too long to mask', () => {
    const stage = new CoreStage();
    const extra = [`Event: dialog;call-id="${'x'.repeat(4000)}@one.inner.example";to-tag=7`];
    stage.request(stage.staff, fromInside('SUBSCRIBE', { extra }));
    assert.equal(header((stage.take().at(-1) as Sent).text, 'Event'), 'dialog;to-tag=7');
  });

  it('are masked in the Refer-To of a transfer, and come back whole in the request it leads to', () => {
    const stage = new CoreStage();
    const replaces = encodeURIComponent('dialog-2@one.inner.example;to-tag=7;from-tag=8');
    const extra = [`Refer-To: <sip:carol@10.1.2.3:5070?Replaces=${replaces}&Require=replaces>`];
    stage.request(stage.staff, fromInside('REFER', { extra }));
    const out = header((stage.take().at(-1) as Sent).text, 'Refer-To');
    assert.match(
      out,
      /^<sip:sp1-[\w-]+@sip\.acme\.example:5061;transport=tls\?Replaces=sp1-[\w-]+%3Bto-tag%3D7%3Bfrom-tag%3D8&Require=replaces>$/,
    );
    const [uri = '', query = ''] = out.slice(1, -1).split('?');
    const masked = decodeURIComponent(query.slice('Replaces='.length, query.indexOf('&')));
    stage.request(stage.globex, fromPartner('INVITE', { uri, extra: [`Replaces: ${masked}`] }));
    const { text } = stage.take().at(-1) as Sent;
    assert.match(text, /^INVITE sip:carol@10\.1\.2\.3:5070 SIP\/2\.0\r\n/);
    assert.equal(header(text, 'Replaces'), 'dialog-2@one.inner.example;to-tag=7;from-tag=8');
    stage.request(
      stage.globex,
      fromPartner('REFER', {
        extra: [`Refer-To: ${out}`],
        via: 'SIP/2.0/TLS e.globex.example;branch=z9hG4bKr',
      }),
    );
    assert.equal(
      header((stage.take().at(-1) as Sent).text, 'Refer-To'),
      `<sip:carol@10.1.2.3:5070?Replaces=${replaces}&Require=replaces>`,
    );
  });

  it('are not masked where the partner made them, which must recognise its own', () => {
    const sentOut = (callId: string, host = 'globex.example') => {
      const stage = new CoreStage();
      const dialog = `${callId};to-tag=7;from-tag=8`;
      const referTo = `<sip:alice@${host}?Replaces=${encodeURIComponent(dialog)}>`;
      const extra = [`Replaces: ${dialog}`, `Refer-To: ${referTo}`];
      stage.request(stage.staff, fromInside('INVITE', { extra }));
      const { text } = stage.take().at(-1) as Sent;
      const [, headers = ''] = header(text, 'Refer-To').slice(1, -1).split('?Replaces=');
      return [header(text, 'Replaces'), decodeURIComponent(headers)].map((value) =>
        value.replace(/;.*/, ''),
      );
    };
    for (const own of ['7f@globex.example', '7F@Edge.GLOBEX.example:5061']) {
      assert.deepEqual(sentOut(own), [own, own]);
      const [, named = ''] = sentOut(own, 'initech.example');
      assert.match(named, /^sp1-/, 'another company does not know it');
    }
    const others = ['7f@notglobex.example', 'globex.example', 'one.inner.example@globex.example'];
    for (const other of [...others, '7f@globex.example@one.inner.example']) {
      for (const told of sentOut(other)) assert.match(told, /^sp1-/, other);
    }
  });

  it('are masked where a domain below the partner’s is ours, or another company’s', () => {
    const below = 'chat.globex.example';
    const stranger = SITE.partnerById.get('initech') as Partner;
    const views: readonly SiteView[] = [
      { ...SITE, ownDomains: new Set([...SITE.ownDomains, below]) },
      { ...SITE, partnerByDomain: new Map([...SITE.partnerByDomain, [below, stranger]]) },
    ];
    for (const view of views) {
      const stage = new CoreStage();
      stage.core.replaceSite(view);
      const callIds = [`7f@${below}`, `7f@pc-17.${below}`, '7f@pc-17.globex.example'];
      const extra = [`In-Reply-To: ${callIds.join(', ')}`];
      stage.request(stage.staff, fromInside('MESSAGE', { extra }));
      const told = header((stage.take().at(-1) as Sent).text, 'In-Reply-To').split(', ');
      const opened = told.map((text) => tokens.open(text));
      const hidden = opened.map((token) => token.ok && token.value.value);
      assert.deepEqual(hidden, [callIds[0], callIds[1], false]);
      assert.equal(told[2], callIds[2]);
    }
  });

  it('are masked for the company that the reference names', () => {
    const stage = new CoreStage();
    const extra = ['Refer-To: <sip:x@initech.example?Replaces=d%40one.inner.example>'];
    stage.request(stage.staff, fromInside('REFER', { extra }));
    const out = header((stage.take().at(-1) as Sent).text, 'Refer-To');
    const opened = tokens.open(/Replaces=(sp1-[\w-]+)/.exec(out)?.[1] ?? '');
    assert.ok(opened.ok);
    assert.equal(opened.value.partner, 'initech');
  });
});
