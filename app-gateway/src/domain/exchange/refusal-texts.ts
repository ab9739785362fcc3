const SHOW = 'sallyport partner show {partner}';

/** Why steps are not taken: code, what is wrong, what to do next; names in braces are facts. */
export const REFUSAL_TEXTS = {
  'payload-too-large': [
    'the signed command has {bytes} bytes, {bytesMax} are allowed',
    'files go in by name and SHA-256, not by content',
  ],
  'payload-malformed': [
    'the signed command is not as this program writes it',
    'sign it with the sallyport program of the same version',
  ],
  'operator-unknown': ['there is no operator {operator}', 'sallyport operator list'],
  'signature-wrong': [
    'the signature is not by the key of {operator}',
    'use the key file that belongs to this operator name',
  ],
  'operator-disabled': ['operator {operator} is disabled', 'ask an officer'],
  'site-wrong': [
    'the command was signed for site {signedFor}, this is {site}',
    'sign it again for this site',
  ],
  'clock-wrong': [
    'the command was signed at {signedAt}, {seconds} s off the clock here',
    'set the clocks (NTP), then sign again',
  ],
  'role-too-low': ['{operator} is {role}; this takes {least}', 'ask an operator with that role'],
  'officer-needed': ['only an officer may do this; {operator} is {role}', 'ask an officer'],
  'officer-opens': [
    '{setting} lets in somebody whose key no two people have heard: only an officer may say so; {operator} is {role}',
    'ask an officer',
  ],
  'officer-adds-domains': [
    '{set} of {partner} vouches for any name: whoever shows a certificate of it for {domains} would be let in, and no two people have heard of that; only an officer may say so; {operator} is {role}',
    'ask an officer; or add the domain before the keys are verified',
  ],
  'officer-restores': [
    '{sets} of {partner} was in force when it was severed, and no two people have heard it since: only an officer may let it in again; {operator} is {role}',
    'ask an officer; or first receive, verify and stage new keys, and retire the old ones: sallyport partner show {partner}',
  ],
  'operator-needed': ['only a person may do this', 'sign the command as an operator'],
  'reason-needed': [
    'a reason of 1 to 500 printable characters is needed',
    'say why: it is kept in the history',
  ],
  'nothing-changes': ['{subject} is like that already', 'nothing needs to be done'],

  'partner-known': ['there is a partner {partner} already', SHOW],
  'partner-severed': [
    '{partner} was severed on {when}: {reason}',
    'it is cut off; to let it in again: sallyport partner restore {partner} --reason TEXT',
  ],
  'partner-not-severed': ['{partner} is not severed', SHOW],
  'partner-in-use': [
    '{partner} is in use and not severed',
    'sallyport partner sever {partner} --reason TEXT, then remove it',
  ],
  'domains-overlap': [
    '{domain} belongs to {owner}, and {claimant} claims it too',
    'decide with both companies whose domain it is; a domain has one owner',
  ],
  'networks-overlap': [
    'the networks of {claimant} and {owner} overlap, and both may come without TLS',
    'nothing else tells them apart: give each networks of its own, or take plainTcp from one',
  ],
  'delegation-not-own': [
    '{domain} is delegated to {certificate} and is no domain of {partner}',
    'add it to the domains of the partner, or take it out of the delegation',
  ],
  'identity-unknown': ['we have no identity {identity}', 'sallyport cert list'],

  'trust-unknown': ['{partner} has no set {set}', SHOW],
  'trust-known': ['this is known as {set} ({state}); nothing changes', SHOW],
  'trust-empty': [
    'there is no anchor and no pin in it: no root that its own key signed, with a key and an algorithm that are accepted',
    'ask {partner} for its CA certificate; one below RSA 2048 cannot be taken',
  ],
  'trust-too-large': [
    'there are {count} {what} in it, {countMax} are allowed',
    'ask {partner} for what it really uses',
  ],
  'trust-problems': [
    'faults ({count}): {problems}',
    'tell {partner}; a set with faults is not taken',
  ],
  'trust-pending-max': [
    '{count} sets of {partner} wait to be verified or staged',
    'sallyport partner reject {partner} --set SET',
  ],
  'sequence-not-rising': [
    'the offer has number {sequence}, and number {known} was received before',
    'an old file was sent again; ask {partner} for its newest',
  ],
  'offer-expired': ['the offer ended on {when}', 'ask {partner} for a new one'],
  'signer-unknown': [
    'the offer is signed by a key that {partner} has not named before',
    'ask {partner} over a second channel; an officer may accept the new key with a reason',
  ],
  'trust-state': ['{set} of {partner} is {state}; to {step} it must be {wanted}', '{advice}'],
  'fingerprint-malformed': [
    'a fingerprint has 64 hexadecimal digits; as words at least 64 bits',
    'type all of it',
  ],
  'fingerprint-wrong': [
    'this is not the fingerprint of {set} of {partner}; {left} more wrong ones reject the set',
    'ring {partner} again on a number you know; if it differs again, the file is not theirs',
  ],
  'fingerprint-rejected': [
    'wrong for the {count}th time: {set} of {partner} is rejected',
    'find out who sent that file; then receive it again',
  ],
  'verifier-twice': [
    '{operator} has verified {set} already; the second must be somebody else',
    'ask another operator to ring {partner}',
  ],
  'trust-accepted-max': [
    '{partner} has {count} accepted sets',
    'sallyport partner retire {partner} --set SET',
  ],
  'trust-still-used': [
    '{set} of {partner} was used on {when} from {source} over {proxy}',
    'wait until {partner} shows its new key for {days} days, or an officer retires it by force',
  ],
  'trust-last': [
    '{set} is the last set accepted of {partner}: nobody of theirs could connect',
    'stage the next set first; to cut the partner off: sallyport partner sever {partner} --reason TEXT',
  ],

  'offer-empty': ['an offer needs at least one key of ours', 'sallyport cert list'],
  'key-unknown': ['identity {identity} has no key {key}', 'sallyport cert list'],
  'key-state': [
    'key {key} of {identity} is {state}; to {step} it must be {wanted}',
    'sallyport cert list',
  ],
  'key-known': [
    'this very key is {key} of {identity} already',
    'make a new key: sallyport cert request {identity}',
  ],
  'keys-max': [
    'identity {identity} has {count} keys in use',
    'sallyport cert retire {identity} --key KEY',
  ],
  'identity-name-wrong': [
    '{identity} is no name for an identity',
    'use lower-case letters, digits and hyphens',
  ],
  'server-name-taken': [
    '{serverName} belongs to identity {owner}',
    'a server name has one identity',
  ],
  'certificate-unreadable': [
    'the certificate cannot be read: {fault}',
    'ask the CA for PEM, leaf first',
  ],
  'certificate-other-key': [
    'the certificate is not for key {key} of {identity}',
    'install it under the key that the request was made with',
  ],
  'certificate-problems': [
    'faults ({count}): {problems}',
    'see that the file is the answer to the request of this key; if it is, send the faults to the CA',
  ],
  'presentation-unknown': [
    '{partner} was never told of {identity}/{key}',
    'sallyport partner offer {partner}',
  ],
  'presentation-state': ['{identity}/{key} is {state} at {partner}', SHOW],
  'partners-not-told': [
    '{identity}/{key} is not known to: {partners}',
    'send each an offer first, or an officer activates it by force',
  ],
  'key-current': ['{key} is what {identity} presents now', 'activate the next key first'],
  'key-presented': [
    '{identity}/{key} is set for: {partners}',
    'activate another key towards them first',
  ],
  'key-still-used': [
    '{identity}/{key} was shown to {partner} on {when} over {proxy}',
    'wait {days} days after the last use, and a live connection is one as long as it stands; or an officer retires it by force',
  ],

  'operator-known': [
    'there is or was an operator {operator}',
    'choose another name: names are for good',
  ],
  'operator-name-wrong': [
    '{operator} is no name for an operator',
    'use lower-case letters, digits and hyphens',
  ],
  'operator-key-wrong': [
    'the file of the public key holds no Ed25519 public key',
    'give NAME.pub, which "sallyport operator key NAME" writes',
  ],
  'operator-key-known': ['{operator} has this key already', 'every person has a key of their own'],
  'first-operator-officer': [
    'the first operator must be an officer',
    'add an officer first; the officer adds the others',
  ],
  'last-officer': ['{operator} is the last officer', 'add another officer first'],

  'node-name-wrong': ['{node} is no name for a node', 'use lower-case letters, digits and hyphens'],
  'node-role-other': ['{node} is a {role}', 'use another name: a node has one role for good'],
  'node-certificates-live': [
    '{node} was revoked, and a certificate of it may live until {when}',
    'give the host that takes its place another name in site.yaml, or wait until then',
  ],
  'node-revoked': [
    '{node} was revoked on {when}: {reason}',
    'sallyport node approve, under another name',
  ],
  'certificates-max': [
    '{node} has {count} certificates that have not ended',
    'look into why it asks so often',
  ],
  'serial-known': ['serial number {serial} was issued already', 'issue with a fresh one'],
} as const satisfies Readonly<Record<string, readonly [message: string, next: string]>>;
