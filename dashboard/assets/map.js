/**
 * Draws the listings of a city: the server counts them in cells of what is seen, so that little is sent. Without tiles the
 * postal codes say where one is. No text becomes HTML.
 */
import './vendor/leaflet.js';

const { L } = globalThis;
const place = document.querySelector('#map');
const number = new Intl.NumberFormat(document.documentElement.lang === 'fi' ? 'fi-FI' : 'en-GB', {
  maximumFractionDigits: 0,
});
const labelZoom = 11;
const closestZoom = 17;

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function classOf(value, limits) {
  if (value === null) return 'unknown';
  const index = limits.findIndex((limit) => value <= limit);
  return `class-${index === -1 ? limits.length : index}`;
}

function sizeOf(count) {
  if (count === 1) return 18;
  return count < 10 ? 30 : count < 100 ? 38 : 46;
}

function markerOf(cell, map, data) {
  const size = sizeOf(cell.count);
  const text = cell.count === 1 ? '' : number.format(cell.count);
  const value = cell.value === null ? '–' : number.format(cell.value);
  const name =
    cell.count === 1
      ? `${cell.address ?? cell.listingId}: ${value}`
      : `${data.many.replace('#', number.format(cell.count))}: ${value}`;
  const html = element('span', text, `cell ${classOf(cell.value, data.limits)}`);
  const icon = L.divIcon({ html, className: 'cell-place', iconSize: [size, size] });
  const marker = L.marker([cell.latitude, cell.longitude], { icon, title: name, alt: name, keyboard: true });
  marker.on('add', () => marker.getElement().setAttribute('aria-label', name));
  if (cell.count === 1 || map.getZoom() >= closestZoom) {
    const link = element('a', cell.address ?? cell.listingId, '');
    link.href = `/listings/${encodeURIComponent(cell.listingId)}`;
    const popup = element('div', '', '');
    const price = cell.amountEur === null ? '' : ` ${number.format(cell.amountEur)} €`;
    popup.append(link, element('span', price, ''));
    marker.bindPopup(popup);
  } else {
    marker.on('click', () => map.setView([cell.latitude, cell.longitude], Math.min(closestZoom, map.getZoom() + 2)));
  }
  return marker;
}

function addLabels(map, areas) {
  const layer = L.layerGroup();
  for (const [postalCode, latitude, longitude] of areas) {
    const icon = L.divIcon({
      html: element('span', postalCode, ''),
      className: 'area-label',
      iconSize: [56, 18],
      iconAnchor: [28, -8],
    });
    L.marker([latitude, longitude], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(layer);
  }
  const show = () => (map.getZoom() >= labelZoom ? layer.addTo(map) : layer.remove());
  map.on('zoomend', show);
  show();
}

function start() {
  const data = {
    ...{ city: place.dataset.city, deal: place.dataset.deal, colour: place.dataset.colour, many: place.dataset.many },
    limits: JSON.parse(place.dataset.limits),
  };
  const [south, west, north, east] = JSON.parse(place.dataset.bounds);
  const map = L.map(place, { zoomControl: true, attributionControl: place.dataset.tiles !== undefined, maxZoom: 18 });
  if (place.dataset.tiles !== undefined) {
    const attribution = element('span', place.dataset.attribution, '').innerHTML;
    L.tileLayer(place.dataset.tiles, { attribution, maxZoom: 19 }).addTo(map);
    map.attributionControl.setPrefix(false);
  } else {
    L.control.scale({ imperial: false }).addTo(map);
    place.classList.add('without-tiles');
  }
  if (place.dataset.focus !== undefined) map.setView(JSON.parse(place.dataset.focus), 16);
  else
    map.fitBounds([
      [south, west],
      [north, east],
    ]);
  addLabels(map, JSON.parse(place.dataset.areas));
  const cells = L.layerGroup().addTo(map);
  let asking = new AbortController();

  const load = async () => {
    asking.abort();
    asking = new AbortController();
    const bounds = map.getBounds();
    const query = new URLSearchParams({
      ...{ city: data.city, deal: data.deal, colour: data.colour, zoom: String(map.getZoom()) },
      south: String(Math.max(-90, bounds.getSouth())),
      west: String(Math.max(-180, bounds.getWest())),
      north: String(Math.min(90, bounds.getNorth())),
      east: String(Math.min(180, bounds.getEast())),
    });
    const answer = await fetch(`/map/cells?${query}`, { signal: asking.signal }).catch(() => null);
    // Another look at the map was asked for, or nobody answers: what is there stays.
    if (answer === null || !answer.ok) return;
    const { cells: found } = await answer.json();
    cells.clearLayers();
    for (const cell of found) markerOf(cell, map, data).addTo(cells);
    place.dataset.cells = String(found.length);
  };
  map.on('moveend', load);
  load();
}

if (place !== null) start();
