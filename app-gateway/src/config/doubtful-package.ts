/** What a partner may do with an event package that is more than to watch somebody. */
const DOUBTS: ReadonlyMap<string, string> = new Map([
  ['talk', 'makes a phone of ours answer a call by itself, with the microphone open'],
  ['hold', 'puts calls of our users on hold'],
  ['check-sync', 'starts a phone of ours anew'],
  ['ua-profile', 'is about what phones of ours are configured with (RFC 6080)'],
  ['reg', 'tells the Contacts of our users, in bodies that pass unread (RFC 3680)'],
  ['dialog', 'tells with whom our users speak, and what it takes to enter their calls (RFC 4235)'],
]);

/**
 * Why an operator should look again at an event package that a partner is to have; undefined where nothing speaks against it.
 *
 * Never more than a warning: some partners are meant to.
 */
export function doubtOfPackage(name: string): string | undefined {
  const doubt = DOUBTS.get(name.toLowerCase());
  return doubt && `${name} ${doubt}; meant for this partner?`;
}
