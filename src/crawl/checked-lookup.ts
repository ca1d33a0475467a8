/**
 * Looks a name up and lets a connection use only addresses that may be asked. The very answer that was checked is what
 * the connection is made to, so a name that changes its address between two looks (DNS rebinding) gains nothing.
 */
import type { LookupFunction } from 'node:net';
import type { HostRules } from './allowed-hosts.ts';

/**
 * A lookup for `net.connect` around `lookup`. It fails with the error of `checkAddress` when any address of the name is
 * refused: a name with one foot in a private network is not trusted with the other.
 */
export function createCheckedLookup(lookup: LookupFunction, { checkAddress }: Pick<HostRules, 'checkAddress'>) {
  const checkedLookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error !== null) return callback(error, found, family);
      try {
        for (const address of typeof found === 'string' ? [found] : found.map((each) => each.address)) {
          checkAddress(hostname.toLowerCase(), address);
        }
      } catch (refusal) {
        // The callback takes any Error; a ScraperError is one.
        return callback(refusal as Error, found, family);
      }
      return callback(null, found, family);
    });
  };
  return checkedLookup;
}
