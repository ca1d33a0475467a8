/** A link to the portal, from what a page of the portal said. */
import { portalOrigin } from '../../../src/portal/listing-url.ts';

/** The address when it is one of the portal or of a configured host, over HTTP; null otherwise: a stored text is no link. */
export function portalLink(address: string, allowedHosts: readonly string[]): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && [new URL(portalOrigin).host, ...allowedHosts].includes(url.host) ? url.href : null;
}
