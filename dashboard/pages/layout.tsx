/**
 * The frame of every page: title, sections, whose data it is and how old. Pages are rendered on the server by Preact, which
 * escapes every text; nothing in this room writes HTML as a string.
 */
import type { Response } from 'express';
import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { Edition } from '../../src/storage/published-series.ts';
import type { PackedHtml } from '../http/packed-html.ts';
import { gzipAround } from '../http/packed-html.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import { sections } from '../sections.ts';
import type { CommonTexts } from '../texts/common.ts';
import { commonTexts } from '../texts/common.ts';
import { Rendered } from './rendered.tsx';

/** Where the content of a shared page comes. */
const contentMark = '<!--content-->';

export interface PageParts {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the page was read from; null = nothing published; absent = the page shows no data. */
  readonly edition?: Edition | null;
  /** Scripts of this page, by their name below /assets. */
  readonly scripts?: readonly string[];
  readonly styles?: readonly string[];
}

/** Sends the page with its frame; 200 unless the response says otherwise. */
export function sendPage(response: Response, parts: PageParts): void {
  const context = requestContextOf(response);
  response.type('html').send(`<!doctype html>${render(<Frame {...parts} context={context} />)}`);
}

/**
 * The same for a page whose content is shared by many: only the frame around it is rendered and packed for this answer.
 */
export function sendSharedPage(response: Response, parts: Omit<PageParts, 'children'>, content: PackedHtml): void {
  const context = requestContextOf(response);
  const frame = render(<Frame {...parts} context={context} children={<Rendered html={contentMark} />} />);
  // No escaped text holds the mark.
  const [before = '', after = ''] = `<!doctype html>${frame}`.split(contentMark);
  response.type('html').vary('accept-encoding');
  if (response.req.acceptsEncodings('gzip', 'identity') === 'gzip') {
    response.set('content-encoding', 'gzip').send(gzipAround(before, content, after));
  } else {
    response.send(before + content.html + after);
  }
}

/** Sends a part of a page, for scripts that put it in place of the one before. */
export function sendFragment(response: Response, fragment: VNode): void {
  response.type('html').send(render(fragment));
}

function Frame({
  context,
  title,
  children,
  edition,
  scripts = [],
  styles = [],
}: PageParts & { context: RequestContext }) {
  const texts = commonTexts[context.language];
  return (
    <html lang={context.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · oikotie`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        {['style.css', ...styles].map((name) => (
          <link rel="stylesheet" href={`/assets/${name}`} key={name} />
        ))}
        {scripts.map((name) => (
          <script type="module" src={`/assets/${name}`} key={name} />
        ))}
      </head>
      <body>
        <a class="skip" href="#content">
          {texts.skip}
        </a>
        <Header context={context} texts={texts} />
        <main id="content" tabIndex={-1}>
          <h1>{title}</h1>
          {edition === undefined ? null : <Age edition={edition} context={context} texts={texts} />}
          {children}
        </main>
        {context.user === null ? null : (
          <footer>
            <a href="/api/v1/docs">{texts.api}</a>
          </footer>
        )}
      </body>
    </html>
  );
}

interface HeaderParts {
  readonly context: RequestContext;
  readonly texts: CommonTexts;
}

function Header({ context, texts }: HeaderParts) {
  const { user, path, language } = context;
  const here = path.split('?')[0] ?? '/';
  const other = `${here}?${withLanguage(path, language === 'en' ? 'fi' : 'en')}`;
  return (
    <header>
      <a class="brand" href="/">
        oikotie
      </a>
      {user === null ? null : (
        <nav aria-label={texts.sections}>
          {sections.map(({ path: to, name }) => (
            <a href={to} key={to} aria-current={isHere(here, to) ? 'page' : undefined}>
              {texts[name]}
            </a>
          ))}
        </nav>
      )}
      <div class="who">
        <a href={other} lang={language === 'en' ? 'fi' : 'en'}>
          {texts.otherLanguage}
        </a>
        {user === null || !context.asksWho ? null : (
          <form method="post" action="/sign-out">
            <input type="hidden" name="_csrf" value={context.csrfToken()} />
            <button type="submit" class="quiet">{`${texts.signOut} (${user.name})`}</button>
          </form>
        )}
      </div>
    </header>
  );
}

function Age({ edition, context, texts }: HeaderParts & { readonly edition: Edition | null }) {
  if (edition === null) return <p class="age bad">{texts.noData}</p>;
  const { format, nowMs } = context;
  const age = format.duration(Math.max(0, nowMs - edition.publishedAtMs));
  return <p class="age">{texts.dataOf(format.instant(edition.publishedAtMs), age)}</p>;
}

function isHere(here: string, section: string): boolean {
  return section === '/' ? here === '/' : here === section || here.startsWith(`${section}/`);
}

function withLanguage(path: string, language: string): string {
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  query.set('language', language);
  return query.toString();
}
