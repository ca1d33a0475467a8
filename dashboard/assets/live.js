/**
 * Keeps a page right while it is open: puts the parts the server sends in place of those with the same name
 * (`data-part`), and says when the connection is lost. The element `[data-live]` names the stream and holds the texts.
 */
const status = document.querySelector('[data-live]');
/** The server says something every ten seconds; a browser waits much longer before it calls a connection lost. */
const silentMs = 30_000;
const retryMs = 5_000;

/** @type {EventSource | null} */
let stream = null;
let heardAtMs = Date.now();
let time = status?.dataset.time ?? '';
/** Which of its states the page shows: only what has changed since is sent. */
let seen = status?.dataset.live_seen ?? '';

if (status instanceof HTMLElement) {
  connect(status);
  setInterval(() => watch(status), 2_000);
  // A phone that wakes up does not wait for the next look.
  document.addEventListener('visibilitychange', () => watch(status));
}

/** @param {HTMLElement} status */
function connect(status) {
  stream?.close();
  heardAtMs = Date.now();
  stream = new EventSource(`${status.dataset.live}?seen=${encodeURIComponent(seen)}`);
  stream.addEventListener('parts', ({ data, lastEventId }) => {
    const sent = JSON.parse(data);
    if (!hasAll(sent.names)) return location.reload();
    for (const [name, html] of Object.entries(sent.parts)) replacePart(name, html);
    seen = lastEventId;
    heard(status, sent.time);
  });
  stream.addEventListener('beat', ({ data }) => heard(status, JSON.parse(data).time));
  stream.addEventListener('trouble', () => show(status, false));
  stream.addEventListener('leave', () => location.reload());
  stream.addEventListener('error', () => show(status, false));
}

/** @param {HTMLElement} status @param {string} at */
function heard(status, at) {
  heardAtMs = Date.now();
  time = at;
  show(status, true);
}

/** Connects anew when nothing was heard for long, or the browser has given up. @param {HTMLElement} status */
function watch(status) {
  const silentForMs = Date.now() - heardAtMs;
  const isClosed = stream?.readyState === EventSource.CLOSED;
  if (silentForMs < silentMs && !(isClosed && silentForMs > retryMs)) return;
  show(status, false);
  connect(status);
}

/** @param {HTMLElement} status @param {boolean} isLive */
function show(status, isLive) {
  const text = ((isLive ? status.dataset.live_text : status.dataset.lost_text) ?? '').replace('{time}', time);
  status.classList.toggle('bad', !isLive);
  if (status.textContent !== text) status.textContent = text;
}

/** The page was made for other parts when one is missing, or there is one too many. @param {string[]} names */
function hasAll(names) {
  const here = [...document.querySelectorAll('[data-part]')].map((part) => part.getAttribute('data-part'));
  return here.length === names.length && names.every((name) => here.includes(name));
}

/** @param {string} name @param {string} html */
function replacePart(name, html) {
  const before = document.querySelector(`[data-part="${CSS.escape(name)}"]`);
  const template = document.createElement('template');
  template.innerHTML = html;
  const after = template.content.firstElementChild;
  if (before === null || after === null || before.outerHTML === after.outerHTML) return;
  const focused = before.contains(document.activeElement) ? pathTo(before, document.activeElement) : null;
  const scrolled = [...before.querySelectorAll('.wide')].map(({ scrollLeft }) => scrollLeft);
  const opened = [...before.querySelectorAll('details')].map(({ open }) => open);
  before.replaceWith(after);
  for (const [index, element] of after.querySelectorAll('.wide').entries()) element.scrollLeft = scrolled[index] ?? 0;
  for (const [index, element] of after.querySelectorAll('details').entries()) element.open = opened[index] ?? false;
  if (focused !== null) find(after, focused)?.focus({ preventScroll: true });
}

/** How to find the same element in the part that comes: by where it leads, else by its place. */
function pathTo(part, element) {
  const href = element.getAttribute('href');
  const all = [...part.querySelectorAll('a, button, summary, [tabindex]')];
  return { href, index: all.indexOf(element) };
}

function find(part, { href, index }) {
  const all = [...part.querySelectorAll('a, button, summary, [tabindex]')];
  return (href === null ? undefined : all.find((element) => element.getAttribute('href') === href)) ?? all[index];
}
