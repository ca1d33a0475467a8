// Writes the pages under docs/ that are made from code. Run after a build: `npm run docs`. With --check it writes
// nothing and fails when a page differs from what the code says.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const pages = [
  { path: 'docs/configuration.md', module: '../dist/config/render-docs.js', render: 'renderConfigTable' },
  { path: 'docs/data-dictionary.md', module: '../dist/src/storage/data-dictionary.js', render: 'renderDataDictionary' },
];

const checkOnly = process.argv.includes('--check');
let differing = 0;
for (const { path, module, render } of pages) {
  const moduleUrl = new URL(module, import.meta.url);
  if (!existsSync(moduleUrl)) continue;
  const text = (await import(moduleUrl.href))[render]();
  const committed = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (text === committed) continue;
  if (checkOnly) {
    differing += 1;
    console.error(`${path}: expected what the code says, got an older page; run npm run docs and commit it`);
  } else {
    writeFileSync(path, text);
    console.log(`${path} written`);
  }
}
process.exitCode = differing > 0 ? 1 : 0;
