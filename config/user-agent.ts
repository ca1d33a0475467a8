/**
 * How we name ourselves to the portal: our own name, version and a contact, and never a browser's name.
 */
import { existsSync, readFileSync } from 'node:fs';

/** The User-Agent header: `oikotie-collector/0.1.0 (+mailto:me@example.org)`, or saying that there is no contact. */
export function buildUserAgent(product: string | null, contact: string | null, version: string): string {
  const name = product ?? `oikotie-collector/${version}`;
  if (contact === null) return product ?? `${name} (no contact configured)`;
  const address = contact.startsWith('http') ? contact : `mailto:${contact}`;
  return name.includes(contact) ? name : `${name} (+${address})`;
}

/** The version in the nearest package.json above this file; `0.0.0` when there is none. */
export function readVersion(): string {
  for (const relativePath of ['../package.json', '../../package.json']) {
    const url = new URL(relativePath, import.meta.url);
    if (!existsSync(url)) continue;
    const manifest: unknown = JSON.parse(readFileSync(url, 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  }
  return '0.0.0';
}
