/**
 * The script of the search page, as text for the browser: asks `/api/search` with the page's tokens and renders cards,
 * count, messages and pagination. It only ever talks to the server it came from.
 */

/** Source of a function that takes the page's settings. */
export const searchScript = `function (settings) {
  var meta = function (name) { return document.querySelector('meta[name="' + name + '"]').content; };
  var escape = function (text) {
    var box = document.createElement('span');
    box.textContent = text === null || text === undefined ? '' : String(text);
    return box.innerHTML;
  };
  var query = new URLSearchParams(location.search);
  var isRent = location.pathname.indexOf('/vuokra-asunnot') === 0;
  query.set('cardType', query.get('cardType') || (isRent ? '101' : '100'));
  query.set('limit', String(settings.pageSize));
  query.set('offset', String(settings.offset));
  query.delete('pagination');
  var page = Math.floor(settings.offset / settings.pageSize) + 1;
  var root = document.querySelector('.search-result');
  var message = function (text) {
    root.querySelector('.search-result__messages').innerHTML =
      '<div class="search-result__message"><span>' + escape(text) + '</span></div>';
  };
  var cardV3 = function (card) {
    var place = [card.location.address, card.location.district, card.location.city].filter(Boolean).join(', ');
    return '<div class="cards-v3__card"><a class="ot-card-v3" href="' + escape(card.url) + '?origin=list">' +
      '<div class="card-v3-text-container__text"><span class="card-v3-badge">Uusi</span>' +
      '<div class="card-v3-text-container__key-details"><span class="heading">' + escape(card.data.price) +
      '</span><span class="heading">' + escape(card.data.size) + '</span></div>' +
      '<span class="card-v3-text__address">' + escape(place) + '</span><span>' + escape(card.data.roomConfiguration) +
      '</span><span>' + escape(card.data.buildYear) + '</span></div>' +
      '<span class="ot-card-v3-realtor__name">' + escape(card.company && card.company.companyName) + '</span></a></div>';
  };
  var cardV2 = function (card) {
    var place = [card.location.address, card.location.district, card.location.city].filter(Boolean).join(', ');
    return '<div class="cards-v2__card"><a class="ot-card-v2" href="' + escape(card.url) + '">' +
      '<div class="card-v2-text-container__text"><strong>' + escape(card.data.price) + '</strong></div>' +
      '<div class="card-v2-text-container__text"><strong>' + escape(card.data.size) + '</strong></div>' +
      '<div class="card-v2-text-container__text"><span>' + escape(place) + '</span></div></a></div>';
  };
  var pagination = function (found) {
    var total = Math.ceil(found / settings.pageSize);
    root.querySelector('.pagination-indication').innerHTML =
      '<span><span>Sivu</span> <span>' + page + (total ? '/' + total : '') + '</span></span>';
    if (total <= 1) return;
    var go = function (target) {
      var next = new URLSearchParams(location.search);
      next.set('pagination', String(target));
      location.search = next.toString();
    };
    var box = document.createElement('div');
    box.className = 'pagination padded';
    box.setAttribute('role', 'navigation');
    box.setAttribute('data-currentpage', String(page));
    var button = function (text, target, disabled) {
      var element = document.createElement('button');
      element.className = 'button';
      element.innerHTML = '<span>' + text + '</span>';
      element.disabled = disabled;
      element.addEventListener('click', function () { go(target); });
      box.appendChild(element);
      return element;
    };
    button('Edellinen', page - 1, page === 1);
    for (var number = 1; number <= total; number += 1) {
      if (number > 3 && number < total && Math.abs(number - page) > 2) continue;
      var numbered = button(String(number), number, false);
      numbered.setAttribute('aria-label', 'Siirry sivulle ' + number);
      if (number === page) numbered.setAttribute('aria-current', 'true');
    }
    button('Seuraava', page + 1, page >= total);
    root.querySelector('.pagination-place').appendChild(box);
  };
  var show = function (found) {
    root.querySelector('.search-result-controls__found').textContent = String(found);
    root.querySelector('.search-result__spinner').remove();
  };
  fetch('/api/search?' + query.toString(), {
    headers: { 'OTA-token': meta('api-token'), 'OTA-loaded': meta('loaded'), 'OTA-cuid': meta('cuid') }
  }).then(function (response) {
    if (!response.ok) throw new Error('status ' + response.status);
    return response.json();
  }).then(function (answer) {
    if (answer.code !== undefined || answer.message !== undefined) throw new Error('error answer');
    show(answer.found);
    if (answer.cards.length === 0) return message(settings.emptyMessage);
    var isV2 = settings.markup === 'v2';
    var place = document.createElement(isV2 ? 'search-result-cards-v2' : 'search-result-cards-v3');
    place.innerHTML = answer.cards.map(isV2 ? cardV2 : cardV3).join('');
    root.querySelector('search-result-cards').replaceWith(place);
    pagination(answer.found);
  }).catch(function () {
    show(0);
    message(settings.failedMessage);
  });
}`;
