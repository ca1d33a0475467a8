/** A path of this server, or its first page: no link or form of ours must lead to another site. */
export function ownPath(to: unknown): string {
  if (typeof to !== 'string' || !to.startsWith('/')) return '/';
  const url = new URL(to, 'http://own.invalid');
  return url.host === 'own.invalid' ? `${url.pathname}${url.search}` : '/';
}
