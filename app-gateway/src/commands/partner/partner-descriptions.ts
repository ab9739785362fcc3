import type { CommandDescription, CommandParameter } from '../command.ts';
import { option, PARTNER, positional, REASON, required } from '../command-parameters.ts';

/** What "partner add" and "partner change" can say without a file. */
const settingsParameters: readonly CommandParameter[] = [
  option('domain', 'a domain of the partner; may be repeated', 'DOMAIN', 'list'),
  option('method', 'a SIP method that it may send; may be repeated', 'METHOD', 'list'),
  option('event', 'an event package that it may use; may be repeated', 'PACKAGE', 'list'),
  option(
    'network',
    'an address range that it connects from (absent: any); may be repeated',
    'CIDR',
    'list',
  ),
  option('endpoint', 'where to dial it (absent: DNS says); may be repeated', 'HOST:PORT', 'list'),
  option('description', 'a few words about it', 'TEXT'),
  option('ownIdentity', 'which of our identities it is shown (absent: the first)', 'NAME'),
  {
    name: 'revocationList',
    description:
      'revocation list (CRL, PEM or DER) in place of those it has; may be repeated, one for each authority',
    kind: 'files',
    valueName: 'FILE',
    ifTooLarge:
      'have proxies fetch it, up to 10 MiB, from where the certificates name it: “revocation: { fetch: true }” in --settings, and no list of this authority',
  },
  option(
    'settings',
    'YAML file with any settings of a partner file but id and keys',
    'FILE',
    'file',
  ),
];

export const PARTNER_ADD: CommandDescription = {
  words: ['partner', 'add'],
  summary: 'take on a partner company',
  description: [
    'Says who the partner is and what it may send: domains and methods have no default. Nothing of it is let in before its keys are received, verified by two people and staged. What lets in somebody without such a key (plainTcp, delegations) takes an officer.',
    'Two partners whose domains overlap are refused with both names, and so is a domain of ours.',
  ],
  examples: [
    'sallyport partner add globex --domain globex.example --method MESSAGE --method OPTIONS',
    'sallyport partner add initech --settings initech.yaml',
  ],
  parameters: [positional('partner', 'short name of the partner'), ...settingsParameters],
  role: 'operator',
};

export const PARTNER_LIST: CommandDescription = {
  words: ['partner', 'list'],
  summary: 'show all partners, one line each',
  description: ['Sets that are retired or rejected are left out; "partner show" has them.'],
  examples: ['sallyport partner list'],
  parameters: [],
};

export const PARTNER_SHOW: CommandDescription = {
  words: ['partner', 'show'],
  summary: 'show one partner in both directions, with what was seen on the wire',
  description: [
    'Which of its keys we accept and how far each has come, which of ours it was told of, when each was used last, from where, and over which proxy; and the connections that are open now.',
  ],
  examples: ['sallyport partner show globex', 'sallyport partner show globex --json'],
  parameters: [positional('partner', 'name of the partner')],
};

export const PARTNER_CHANGE: CommandDescription = {
  words: ['partner', 'change'],
  summary: 'change a partner’s settings; its keys stay as they are',
  description: [
    'Each option replaces the whole setting: --domain once leaves one domain. Settings without an option stand in a YAML file ("--settings"); what neither names stays as it is.',
    'More than before of what lets in somebody without a key that two people heard takes an officer: plainTcp, with it networks, domains and endpoints with tcp, delegations; and another domain of a partner whose keys were heard, unless all of them are certificates that are no authority and so vouch for their own names alone.',
  ],
  examples: [
    'sallyport partner change globex --method MESSAGE --method SUBSCRIBE --method NOTIFY',
    'sallyport partner change globex --settings globex.yaml',
    'sallyport partner change globex --revocation-list globex-ca.crl',
  ],
  parameters: [PARTNER, ...settingsParameters],
  role: 'operator',
};

export const PARTNER_SEVER: CommandDescription = {
  words: ['partner', 'sever'],
  summary: 'cut a partner off, everywhere, at once',
  description: [
    'Closes all of its connections, dialogs and subscriptions on every proxy and gateway within five seconds and refuses new ones. What was exchanged is kept; "partner restore" lets it in again.',
  ],
  examples: ['sallyport partner sever globex --reason "key stolen, told by their CISO at 14:05"'],
  parameters: [PARTNER, REASON],
  role: 'operator',
};

export const PARTNER_RESTORE: CommandDescription = {
  words: ['partner', 'restore'],
  summary: 'let a severed partner in again',
  description: [
    'With the sets that are accepted of it by now. Had its key been stolen, receive, verify and stage the new one first, and retire the old one with --force. While a set is accepted that two people have not heard since, and for plainTcp, this takes an officer.',
  ],
  examples: ['sallyport partner restore globex --reason "new key staged, old one retired"'],
  parameters: [PARTNER, REASON],
  role: 'operator',
};

export const PARTNER_REMOVE: CommandDescription = {
  words: ['partner', 'remove'],
  summary: 'take a partner off the record',
  description: [
    'Only one that was severed, or of which nothing was ever accepted. Its history stays ("events list --subject partner/NAME").',
  ],
  examples: ['sallyport partner remove globex'],
  parameters: [PARTNER],
  role: 'officer',
};

export const PARTNER_CHECK: CommandDescription = {
  words: ['partner', 'check'],
  summary: 'try a partner’s servers live, and show what is known of the way in',
  description: [
    'A proxy does what it would do for a message: asks the DNS, connects, shakes hands showing our certificate, judges theirs by every trust set, and asks with OPTIONS whether somebody is there; up to three servers, twenty seconds in all, twice a minute per partner. No message is sent, and no SIP at all to a server that does not prove to be the partner’s. Where the partner rejects OUR certificate, the TLS alert it sent is shown in words.',
    'The way in can be tried by the partner alone; of it you see what is on record: its last handshake, when, from where and by which key, and which of our keys it took.',
    'The exit code is 1 when a step failed. With --report the same goes into a file for the partner, signed with the key that signs our offers; no names of our hosts and no users are in it. They read it with "partner read-report".',
  ],
  examples: [
    'sallyport partner check globex',
    'sallyport partner check globex --proxy edge-2 --report globex-check.json',
  ],
  parameters: [
    PARTNER,
    option(
      'proxy',
      'which proxy tries it, as edge-1, or edge-1/0 for one worker (default: the first)',
      'NODE',
    ),
    option('domain', 'which domain of the partner is tried (default: its first)', 'DOMAIN'),
    option('report', 'write a signed report for the partner into this new file', 'FILE', 'output'),
  ],
  answersWithFiles: true,
};

export const PARTNER_READ_REPORT: CommandDescription = {
  words: ['partner', 'read-report'],
  summary: 'read what a partner saw of us, in the report of its check',
  description: [
    'A partner with Sallyport writes such a file with "partner check --report". It is shown only when it is whole, about a domain of ours, and signed with the key that signs the partner’s offers. Of a partner whose keys came without an offer no such key is known: then it is shown, and the answer says that anybody can have written it.',
  ],
  examples: ['sallyport partner read-report globex acme-check.json'],
  parameters: [PARTNER, positional('file', 'the report that the partner sent', 'file')],
};

export const PARTNER_EXPLAIN: CommandDescription = {
  words: ['partner', 'explain'],
  summary: 'show the checks that a message would meet, without sending it',
  description: [
    'In the order in which proxy and gateway make them, each with its outcome. What was not told (certificate, source address) or shows only in a live message is "not known". A message from one of our domains goes out, any other comes in. Below stands what rules on trial (“trial” of the partner) would do to a message that is not refused anyway, each alone.',
  ],
  examples: [
    'sallyport partner explain --from alice@globex.example --to bob@acme.example --method INVITE',
    'sallyport partner explain --from globex.example --to acme.example --cert edge.pem --source 192.0.2.7',
  ],
  parameters: [
    required(option('from', 'sender: SIP address or domain', 'ADDRESS')),
    required(option('to', 'receiver: SIP address or domain', 'ADDRESS')),
    option('method', 'SIP method (default MESSAGE)', 'METHOD'),
    option('event', 'event package of SUBSCRIBE, NOTIFY or PUBLISH', 'PACKAGE'),
    option('cert', 'what the partner would show, leaf first', 'FILE', 'file'),
    option('source', 'address that it would connect from', 'IP'),
  ],
};

export const PARTNER_FORECAST: CommandDescription = {
  words: ['partner', 'forecast'],
  summary: 'show which partners break when, and why',
  description: [
    'Expiry of what partners show us and of what we show them, the end of clientAuth at public CAs, weak algorithms, offers that run out, revocation lists that were given and not renewed; and what the gateway holds in files: certificates towards inner servers and a SIEM, and the authorities of its channels. Everything that is past at the time asked for or comes within 60 days of it.',
  ],
  examples: ['sallyport partner forecast', 'sallyport partner forecast --at 2027-03-01'],
  parameters: [option('at', 'day or time to look from (default: now)', 'DATE')],
};
