// Takes the pictures of the dashboard in docs/images/ with the real Chromium (CHROMIUM, or the one on PATH).
//
//   npm run build && node scripts/take-screenshots.mjs               a demo of its own, every picture
//   node scripts/take-screenshots.mjs --origin http://127.0.0.1:3000 a dashboard that runs and asks nobody who they are
//   node scripts/take-screenshots.mjs --only today --folder /tmp/x   pictures whose name begins so, elsewhere
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { browserNames, findOnPath } from '../dist/config/find-on-path.js';

const desktop = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };
/** A city of the demo; `{run}` is its last run, `{listing}` the newest listing. A phone shows the whole page, or its screen. */
const city = 'Helsinki';

/** Each picture: name, path of the page, size of the window, and light or dark. */
const pictures = [
  { name: 'today', path: '/', size: desktop, scheme: 'light' },
  { name: 'today-dark', path: '/', size: desktop, scheme: 'dark' },
  { name: 'today-phone', path: '/', size: phone, scheme: 'light' },
  { name: 'run', path: '/executions/{run}', size: desktop, scheme: 'light' },
  { name: 'run-city-phone', path: `/executions/{run}/cities/${city}`, size: phone, scheme: 'dark' },
  { name: 'executions', path: '/executions', size: desktop, scheme: 'light' },
  { name: 'listings', path: '/listings', size: desktop, scheme: 'light' },
  { name: 'listings-phone', path: '/listings', size: phone, scheme: 'light', isScreen: true },
  { name: 'listing', path: '/listings/{listing}', size: desktop, scheme: 'light' },
  { name: 'map', path: `/map?city=${city}`, size: desktop, scheme: 'light' },
  { name: 'map-dark', path: `/map?city=${city}`, size: desktop, scheme: 'dark' },
  { name: 'market', path: `/market?city=${city}`, size: desktop, scheme: 'light' },
  { name: 'cluster', path: '/cluster', size: desktop, scheme: 'light' },
  { name: 'quality', path: '/quality', size: desktop, scheme: 'light' },
  { name: 'quality-city', path: `/quality/${city}`, size: desktop, scheme: 'light' },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    origin: { type: 'string' },
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: join(root, 'docs', 'images') },
    language: { type: 'string', default: 'en' },
  },
});

const program = join(root, 'dist', 'cli', 'main.js');

async function main() {
  if (options.origin !== undefined) return takeAll(options.origin);
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-pictures-'));
  const database = join(folder, 'demo.duckdb');
  try {
    await run(['demo', '--listings', '200', '--database', database], folder);
    await run(['demo', '--listings', '200', '--database', database], folder);
    const dashboard = await serve(folder, database);
    try {
      await takeAll(dashboard.origin);
    } finally {
      dashboard.child.kill('SIGTERM');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function takeAll(origin) {
  const executablePath = process.env['CHROMIUM'] ?? findOnPath(browserNames, process.env['PATH']);
  if (executablePath === null) throw new Error('expected Chromium on PATH; install it, or set CHROMIUM');
  mkdirSync(options.folder, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    for (const picture of pictures) {
      if (picture.name.startsWith(options.only)) await take(browser, origin, picture);
    }
  } finally {
    await browser.close();
  }
}

async function take(browser, origin, { name, path, size, scheme, isScreen = false }) {
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, locale: options.language });
  const page = await context.newPage();
  await page.goto(`${origin}${await pathOf(page, origin, path)}`);
  // What scripts draw is drawn when nothing more is fetched.
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => undefined);
  // A live part has said that it is there; a page without one is ready as it is.
  await page.waitForFunction(() => document.querySelector('[data-live]:empty') === null);
  const file = join(options.folder, `${name}.png`);
  await page.screenshot({ path: file, fullPage: size === phone && !isScreen });
  process.stdout.write(`${file}\n`);
  await context.close();
}

async function pathOf(page, origin, path) {
  if (path.includes('{listing}')) {
    await page.goto(`${origin}/listings`);
    return page.getAttribute('tbody a[href^="/listings/"]', 'href');
  }
  if (!path.includes('{run}')) return path;
  await page.goto(`${origin}/executions`);
  const href = await page.getAttribute('tbody a[href^="/executions/"]', 'href');
  return path.replace('/executions/{run}', href);
}

/** The dashboard over the database, asking nobody who they are; its configuration knows the cities of the demo. */
async function serve(folder, database) {
  const path = join(folder, 'config.json');
  const tasks = Object.entries({ Helsinki: [64, 100], Espoo: [39, 100], Tampere: [71, 101] }).map(
    ([name, [id, type]]) => ({
      city: name,
      enabled: true,
      // As the demo asks.
      rate_limit_seconds: 0.04,
      url: `https://asunnot.oikotie.fi/${type === 100 ? 'myytavat' : 'vuokra'}-asunnot?cardType=${type}&locations=${encodeURIComponent(JSON.stringify([[id, 6, name]]))}`,
    }),
  );
  const settings = { logs_directory: null, state_directory: folder, dashboard: { authentication: false, port: 0 } };
  writeFileSync(
    path,
    JSON.stringify({ tasks, global_settings: { ...settings, crawler: { contact: 'demo@example.org' } } }),
  );
  const child = spawn(process.execPath, [program, 'dashboard', '--config', path, '--database', database], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const origin = /http:\S+/.exec(line)?.[0];
    if (origin !== undefined) return { child, origin };
  }
  throw new Error('expected the dashboard to say where it is, got its end');
}

function run(args, folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`oikotie ${args[0]} ended with ${code}`))));
  });
}

await main();
