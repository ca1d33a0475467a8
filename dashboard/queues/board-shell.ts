/**
 * The one page of Bull Board's interface, without what its own template brings that our pages do not have: fonts of another
 * host, styles and scripts in the page. Its scripts and styles are named after their contents, so they are read from the
 * template of the version that is installed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { UIConfig } from '@bull-board/api/typings/app';

/** The page as a whole. @param basePath where the board is, with a slash at its end @throws Error for a template of another shape */
export function renderBoardShell(basePath: string, config: UIConfig): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@bull-board/ui/package.json'));
  const template = readFileSync(join(folder, 'dist', 'index.ejs'), 'utf8');
  const styles = template.match(/<link href="static\/[^"<>]+" rel="stylesheet">/g) ?? [];
  const scripts = template.match(/<script defer src="static\/[^"<>]+"><\/script>/g) ?? [];
  if (styles.length === 0 || scripts.length === 0) {
    throw new Error('@bull-board/ui: expected styles and scripts in dist/index.ejs, got a template of another shape');
  }
  // In a script only `<` could end it; the configuration is ours and holds no text of anybody else.
  const json = JSON.stringify(config).replaceAll('<', String.raw`\u003c`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<base href="${basePath}">
<title>${config.boardTitle ?? ''}</title>
<link rel="icon" type="image/svg+xml" id="fav-logo" href="/assets/icon.svg">
${styles.join('\n')}
</head>
<body>
<script id="__UI_CONFIG__" type="application/json">${json}</script>
<div id="root"></div>
${scripts.join('\n')}
</body>
</html>
`;
}
