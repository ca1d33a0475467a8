/**
 * What every page of the simulated portal has around its content: head, navigation, icons, inline scripts and footer,
 * in realistic amounts so that a parser pays a realistic price. Holds no listing data and loads nothing from elsewhere.
 */
import { escapeHtml } from './finnish-format.ts';

export interface PageShell {
  /** A whole page as UTF-8 bytes. `head` and `body` are HTML. */
  readonly page: (parts: {
    readonly title: string;
    readonly head: string;
    readonly body: string;
    readonly dealType: 'sale' | 'rent';
  }) => Buffer;
}

/** Prepares the constant parts once, encoded; `page` encodes only what differs from page to page. */
export function createPageShell(): PageShell {
  const assets = Buffer.from(assetLinks());
  const script = Buffer.from(
    `${configurationScript()}</head>\n<body class="fixed-top-banner">\n${trapLink}${iconSprite()}`,
  );
  const openings = { sale: Buffer.from(openingOf('Myytävät')), rent: Buffer.from(openingOf('Vuokrattavat')) };
  const ending = Buffer.from(`</main>${footerHtml()}</body>\n</html>\n`);
  return {
    page: ({ title, head, body, dealType }) => {
      const start = `${documentStart}<title>${escapeHtml(title)}</title>`;
      return Buffer.concat([
        Buffer.from(start),
        assets,
        Buffer.from(head),
        script,
        openings[dealType],
        Buffer.from(body),
        ending,
      ]);
    },
  };
}

const documentStart =
  '<!doctype html>\n<html class="no-js" lang="fi">\n<head>\n<meta charset="utf-8"/>\n' +
  '<meta name="viewport" content="width=device-width, initial-scale=1.0, viewport-fit=cover"/>\n';
/** First in the body and hidden, as on the real site: whoever follows it is a careless robot. */
const trapLink =
  '<a href="/trap/most-visited" rel="nofollow" style="display: none" aria-hidden="true">Most visited</a>\n';

function openingOf(active: string): string {
  return `<div class="wallpaper-container"></div>\n<main class="layout">${navigationOf(active)}`;
}

function assetLinks(): string {
  const style = '.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden}.padded{padding:15px}';
  const rules = Array.from({ length: 100 }, (_, index) => `.grid__col-${index}{flex:0 0 ${index + 1}%}`).join('');
  return `<link rel="icon" href="data:,"><style>${style}${rules}</style>`;
}

function iconSprite(): string {
  const symbols = Array.from({ length: 36 }, (_, index) => {
    const path = Array.from({ length: 14 }, (_step, step) => `l${(index * 7 + step * 3) % 24} ${(step * 5) % 24}`);
    return `<symbol id="icon-${index}" viewBox="0 0 24 24"><path d="M${index % 24} 2${path.join('')}z"/></symbol>`;
  });
  return `<svg class="visually-hidden" aria-hidden="true">${symbols.join('')}</svg>`;
}

/** An inline script of the size real pages have, with text in it that only looks like markup. */
function configurationScript(): string {
  const flags = Array.from({ length: 220 }, (_, index) => `"feature_${index}_enabled"`).join(',');
  const links = Array.from(
    { length: 210 },
    (_, index) => `{"url":"/myytavat-asunnot/alue-${index}","name":"Asunnot alueella ${index}","count":${index * 17}}`,
  );
  return (
    `<script>window.features=[${flags}];window.VC_REVISION='10001';window.dataLayer=[];</script>` +
    `<script>window.seoSearchLinks=[${links.join(',')}];` +
    `window.rowTemplate='<dt class="info-table__title">Malli</dt><dd class="info-table__value">Arvo<\\/dd>';</script>`
  );
}

function navigationOf(active: string): string {
  const items = [
    ['Etusivu', '/'],
    ['Myytävät', '/myytavat-asunnot'],
    ['Vuokrattavat', '/vuokra-asunnot'],
    ['Uudiskohteet', '/myytavat-uudisasunnot'],
    ['Loma-asunnot', '/myytavat-loma-asunnot'],
    ['Tontit', '/myytavat-tontit'],
    ['Hinta-arvio', '/hinta-arvio'],
  ];
  const menu = items.map(([name = '', href = '']) => {
    const sub = Array.from(
      { length: 8 },
      (_, index) =>
        `<li class="navigation__sub-item"><a class="link link--muted" href="${href}?osio=${index}">${name} ${index + 1}</a></li>`,
    );
    const mark = name === active ? ' navigation__link--active' : '';
    return (
      `<li class="navigation__item"><a itemprop="url" href="${href}" class="link navigation__link${mark}">` +
      `<span itemprop="name">${name}</span></a><ul class="navigation__sub">${sub.join('')}</ul></li>`
    );
  });
  return (
    `<header class="header"><div class="header__wrapper"><a class="header__link" href="/"><svg><use href="#icon-1"/></svg></a>` +
    `<nav class="navigation"><ul class="navigation__item-container">${menu.join('')}</ul></nav></div></header>`
  );
}

function footerHtml(): string {
  const columns = Array.from({ length: 5 }, (_, column) => {
    const links = Array.from(
      { length: 16 },
      (_item, item) =>
        `<li><a class="link footer__link" href="/info/sivu-${column}-${item}">Tietoa ${column}.${item}</a></li>`,
    );
    return `<div class="footer__column"><h4>Palvelut ${column + 1}</h4><ul>${links.join('')}</ul></div>`;
  });
  const consent =
    '<div id="sp_message_container_1301048" style="position:fixed;bottom:0;right:0;z-index:2147483647">' +
    '<iframe id="sp_message_iframe_1301048" title="SP Consent Message" src="/consent/index.html?cmpv2=1" width="320" height="90"></iframe></div>' +
    `<script>window.addEventListener('message',function(event){if(event.data==='sp-accept'){var box=document.getElementById('sp_message_container_1301048');if(box)box.remove();}});</script>`;
  return `<footer class="footer"><div class="footer__grid">${columns.join('')}</div></footer>${consent}`;
}

/** The page inside the consent frame. */
export function consentPage(): string {
  return (
    '<!doctype html><html lang="fi"><head><meta charset="utf-8"><title>SP Consent Message</title></head><body>' +
    '<p>Käytämme evästeitä. Saammeko luvan?</p>' +
    '<button title="Hyväksy kaikki" onclick="parent.postMessage(\'sp-accept\',\'*\')">Hyväksy kaikki</button></body></html>'
  );
}
