import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  header,
  responseTo,
  type Sent,
} from '../core/core-stage.ts';

describe('which telephone it is', () => {
  const DEVICE =
    '+sip.instance="<urn:uuid:00000000-0000-0000-0000-34dbfd18dc64>";reg-id=1;' +
    '+u.sip!devicename.ccm.cisco.com="SEP34DBFD18DC64";+u.sip!model.ccm.cisco.com="681"';
  const contactOf = (contact: string) => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE', { extra: [`Contact: ${contact}`] }));
    return header((stage.take().at(-1) as Sent).text, 'Contact');
  };

  it('is told to no partner, and what it can is', () => {
    const contact = contactOf(`<sip:bob@acme.example>;q=0.5;${DEVICE};audio;+g.3gpp.x="y"`);
    assert.equal(contact, '<sip:bob@acme.example>;q=0.5;audio;+g.3gpp.x="y"');
    assert.match(contactOf(`<sip:bob@10.1.2.3>;${DEVICE};audio`), /^<sip:sp1-[^>]+>;audio$/);
  });

  it('is not told by a public GRUU either, which leads to it all the same', () => {
    const stage = new CoreStage();
    for (const gr of ['urn:uuid:00000000-0000-1000-8000-34dbfd18dc64', 'URN%3auuid:1']) {
      const inner = `sip:bob@acme.example;gr=${gr}`;
      const hidden = contactOf(`<${inner}>`);
      assert.match(hidden, /^<sip:sp1-[\w-]+@sip\.acme\.example/);
      stage.request(
        stage.globex,
        fromPartner('MESSAGE', { uri: hidden.slice(1, -1), via: viaOf(gr) }),
      );
      assert.ok(stage.one().text.startsWith(`MESSAGE ${inner} SIP/2.0\r\n`));
    }
    assert.equal(contactOf('<sip:tgruu.7@acme.example;gr>'), '<sip:tgruu.7@acme.example;gr>');
  });

  const viaOf = (branch: string) =>
    `SIP/2.0/TLS edge.globex.example;branch=z9hG4bK${branch.length}`;
});

describe('what stands beside an address', () => {
  it('goes on without what names the inside or a private network, be it in a name', () => {
    const stage = new CoreStage();
    const told = ';one.inner.example;x.one.inner.example=2;a="<sip:172.16.4.9>";b=fd00::7;c=1';
    const extra = [`Contact: "at 192.168.1.5" <sip:bob@acme.example>${told}`];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    assert.equal(header(text, 'Contact'), '<sip:bob@acme.example>;c=1');
  });
});

describe('where a call is redirected to', () => {
  const redirected = (contact: string, status = 302) => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    const { text } = stage.take().at(-1) as Sent;
    stage.response('staff', responseTo(text, status, [`Contact: ${contact}`]));
    return header((stage.take().at(-1) as Sent).text, 'Contact');
  };

  it('is told where it is a user of a partner', () => {
    const contact = '<sip:alice2@globex.example>;q=0.5, <sip:dan@initech.example:5061;user=phone>';
    assert.equal(redirected(contact), contact);
  });

  it('is hidden where it is any other place, or leads to one', () => {
    for (const contact of [
      '<sip:bob@10.1.2.3>',
      '<sip:dan@initech.example;maddr=10.1.2.3>',
      '<sip:dan@initech.example;x=one.inner.example>',
      '<sip:dan@elsewhere.example>',
    ]) {
      assert.match(redirected(contact), /^<sip:sp1-[\w-]+@sip\.acme\.example/, contact);
    }
  });

  it('is hidden where a part of a user of ours or of a partner names an inner server', () => {
    for (const contact of [
      '<sip:bob%40one.inner.example@acme.example>',
      '<sip:bob:one%2einner%2eexample@acme.example>',
      '<sip:bob@acme.example;gr=one.inner.example>',
      '<sip:one.inner.example@globex.example>',
    ]) {
      assert.match(redirected(contact), /^<sip:sp1-[\w-]+@sip\.acme\.example/, contact);
    }
    assert.equal(redirected('<sip:bob@acme.example;gr=one>'), '<sip:bob@acme.example;gr=one>');
  });

  it('is left out where the context of a telephone number is an inner server', () => {
    const local = '<tel:7042;phone-context=acme.example>';
    assert.equal(redirected(`<tel:7042;phone-context=one.inner.example>, ${local}`), local);
  });

  it('is no matter of a Contact that begins a dialog', () => {
    assert.match(redirected('<sip:alice2@globex.example>', 200), /^<sip:sp1-/);
  });
});

describe('what a reference asks of a hidden place (RFC 3515 §2.1)', () => {
  const INNER = 'sip:carol@10.1.2.3:5070;transport=tls';
  const referred = (referTo: string) => {
    const stage = new CoreStage();
    const extra = ['Contact: <sip:bob@acme.example>', `Refer-To: <${referTo}>`];
    stage.request(stage.staff, fromInside('REFER', { extra }));
    return header((stage.take().at(-1) as Sent).text, 'Refer-To').slice(1, -1);
  };

  it('is told beside the token, and not asked of the place itself', () => {
    const told = referred(`${INNER};METHOD=BYE?Require=x`);
    assert.match(
      told,
      /^sip:sp1-[\w-]+@sip\.acme\.example:5061;transport=tls;method=BYE\?Require=x$/,
    );
    assert.equal(told.replace(/;method=.*/, ''), referred(INNER));
    for (const uri of [told.replace(/\?.*/, ''), told.replace(/;method=.*/, '')]) {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('MESSAGE', { uri }));
      assert.ok(stage.one().text.startsWith(`MESSAGE ${INNER} SIP/2.0\r\n`));
    }
  });

  it('is not told where it names the inside', () => {
    for (const method of ['one.inner.example', '10.1.2.3']) {
      assert.doesNotMatch(referred(`${INNER};method=${method}`), /method|inner|10\./);
    }
  });

  it('comes back with it', () => {
    const stage = new CoreStage();
    const extra = [`Refer-To: <${referred(INNER)};method=BYE>`];
    stage.request(stage.globex, fromPartner('REFER', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    assert.equal(header(text, 'Refer-To'), `<${INNER};method=BYE>`);
  });
});

describe('who referred somebody to us (RFC 3892 §2.1)', () => {
  it('is called inside as inside, when the partner repeats what our REFER said', () => {
    const stage = new CoreStage();
    const inner = '<sip:bob@10.9.8.7:5070;transport=tls>;cid="2@acme.example"';
    const extra = ['Refer-To: <sip:carol@acme.example>', `Referred-By: "B" ${inner}`];
    stage.request(stage.staff, fromInside('REFER', { extra }));
    const told = header((stage.take().at(-1) as Sent).text, 'Referred-By');
    assert.match(told, /^"B" <sip:sp1-/);
    stage.request(stage.globex, fromPartner('INVITE', { extra: [`b: ${told}`] }));
    const { text } = stage.take().at(-1) as Sent;
    assert.equal(header(text, 'Referred-By'), `"B" ${inner}`);
  });

  it('stays as it is where it is nobody whom this partner was told of', () => {
    for (const said of [
      '<sip:alice@globex.example>',
      '<sip:sp1-abc@sip.acme.example>',
      '<sip:alice@globex.example?Call-ID=a&Subject=b>;x=Y',
      '<sip:sp1-abc@sip.acme.example?Call-ID=a>',
      'no:address"',
    ]) {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('INVITE', { extra: [`Referred-By: ${said}`] }));
      assert.equal(header((stage.take().at(-1) as Sent).text, 'Referred-By'), said);
    }
  });
});
