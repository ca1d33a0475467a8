// Signs in to the dashboard as a person would, and sees whether its first page says that the day is complete.
//   node look-at-dashboard.mjs http://127.0.0.1:3000 operator PASSWORD
const [, , origin, name, password] = process.argv;
const jar = new Map();

async function ask(path, options = {}) {
  const headers = { accept: 'text/html', cookie: [...jar].map(([key, value]) => `${key}=${value}`).join('; ') };
  const response = await fetch(`${origin}${path}`, { ...options, redirect: 'manual', headers });
  for (const line of response.headers.getSetCookie()) {
    const [pair] = line.split(';');
    jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
  return { status: response.status, page: await response.text() };
}

function expectStatus(what, answer, status) {
  if (answer.status !== status)
    throw new Error(`${what}: expected ${status}, got ${answer.status}: ${answer.page.slice(0, 300)}`);
}

expectStatus('the first page of who has not signed in', await ask('/'), 303);
const form = await ask('/sign-in');
expectStatus('the sign-in page', form, 200);
const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(form.page) ?? [];
const body = new URLSearchParams({ _csrf: token, name, password });
expectStatus('signing in', await ask('/sign-in', { method: 'POST', body }), 303);
const first = await ask('/');
expectStatus('the first page', first, 200);
for (const text of ['All 3 cities are complete', 'Helsinki', 'Espoo', 'Vantaa']) {
  if (!first.page.includes(text))
    throw new Error(`the first page: expected "${text}" on it, got ${first.page.slice(0, 2000)}`);
}
