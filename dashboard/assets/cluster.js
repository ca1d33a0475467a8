// @ts-check
/**
 * Keeps a part of a page as it is now: asks for it again every few seconds while the page is looked at, and says since when
 * there was no answer. What is open stays open, and the keyboard stays where it is.
 */
const intervalMs = 3_000;
const patienceMs = 8_000;

/** @param {HTMLElement} part */
function keepLive(part) {
  const address = part.dataset['live'] ?? '';
  const notice = document.createElement('p');
  notice.className = 'age bad';
  notice.setAttribute('role', 'status');
  part.before(notice);

  async function refresh() {
    if (document.hidden) return;
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(patienceMs), redirect: 'error' });
      if (!response.ok) throw new Error(String(response.status));
      replace(part, await response.text());
      notice.textContent = '';
    } catch {
      // Shown, and tried again: the page must never look newer than it is.
      const seen = part.querySelector('[data-stale]');
      notice.textContent = seen instanceof HTMLElement ? (seen.dataset['stale'] ?? '') : '';
    }
  }

  async function loop() {
    await refresh();
    setTimeout(loop, intervalMs);
  }
  setTimeout(loop, intervalMs);
  document.addEventListener('visibilitychange', refresh);
}

/**
 * @param {HTMLElement} part
 * @param {string} html of our own server, which escapes every text
 */
function replace(part, html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html').body;
  const open = [...part.querySelectorAll('details[open]')].map(({ id }) => id);
  for (const id of open) fresh.querySelector(`[id="${CSS.escape(id)}"]`)?.setAttribute('open', '');
  const scrolled = [...part.querySelectorAll('.wide')].map(({ scrollLeft }) => scrollLeft);
  const focused = focusKeyOf(part);
  part.replaceChildren(...fresh.childNodes);
  for (const [index, each] of [...part.querySelectorAll('.wide')].entries()) each.scrollLeft = scrolled[index] ?? 0;
  if (focused !== null) refocus(part, focused);
}

/** @param {HTMLElement} part */
function focusKeyOf(part) {
  const { activeElement } = document;
  if (activeElement === null || !part.contains(activeElement)) return null;
  return keyOf(activeElement);
}

/** @param {Element} element */
function keyOf(element) {
  const details = element.closest('details');
  return element.getAttribute('href') ?? details?.id ?? element.getAttribute('aria-label');
}

/**
 * @param {HTMLElement} part
 * @param {string} key
 */
function refocus(part, key) {
  for (const element of part.querySelectorAll('a, summary, [tabindex]')) {
    if (element instanceof HTMLElement && keyOf(element) === key) return element.focus({ preventScroll: true });
  }
}

for (const part of document.querySelectorAll('[data-live]')) {
  if (part instanceof HTMLElement) keepLive(part);
}
