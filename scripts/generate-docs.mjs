// Writes what is made from code under docs/: whole pages, and the error table inside docs/operations.md. Run it with
// `npm run docs`. With --check it writes nothing and fails when a page differs from what the code says.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const pages = [
  { path: 'docs/configuration.md', module: '../dist/config/render-docs.js', render: 'renderConfigTable' },
  { path: 'docs/data-dictionary.md', module: '../dist/src/storage/data-dictionary.js', render: 'renderDataDictionary' },
  {
    path: 'docs/operations.md',
    module: '../dist/src/resilience/error-categories.js',
    render: 'renderErrorTable',
    block: 'error table',
  },
];

/** The page with its generated block replaced; a page without the two marks is refused. */
function replaceBlock(page, block, content) {
  const [start, end] = [`<!-- generated: ${block} -->`, `<!-- end of generated ${block} -->`];
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`expected the lines "${start}" and "${end}", got none; add them`);
  return `${before}${start}\n\n${content.trimEnd()}\n\n${end}${after}`;
}

const checkOnly = process.argv.includes('--check');
for (const { path, module, render, block } of pages) {
  const { [render]: renderPage } = await import(new URL(module, import.meta.url).href);
  const committed = existsSync(path) ? readFileSync(path, 'utf8') : '';
  try {
    const text = block === undefined ? renderPage() : replaceBlock(committed, block, renderPage());
    if (text === committed) continue;
    if (checkOnly) throw new Error('expected what the code says, got an older page; run npm run docs and commit it');
    writeFileSync(path, text);
    console.log(`${path} written`);
  } catch (error) {
    console.error(`${path}: ${error.message}`);
    process.exitCode = 1;
  }
}
