/**
 * Draws the charts of a market from the table of the page: nothing is asked for, and both say the same. Days that are not
 * complete are gaps.
 */
import uPlot from './vendor/uplot.js';

const table = document.querySelector('#day-table');
const colors = ['--link', '--bad', '--warn'];
const dashes = [[], [6, 4], [2, 3]];
const height = 200;
/** So few that each is marked. */
const fewDays = 15;

/** The days as seconds since 1970, at noon UTC, so that no time zone moves them. */
function daysOf(rows) {
  return rows.map((row) => Date.parse(`${row.dataset.day}T12:00:00Z`) / 1000);
}

function columnOf(rows, name) {
  const titles = [...table.querySelectorAll('thead [data-column]')];
  const index = titles.findIndex((title) => title.dataset.column === name);
  const values = rows.map((row) => {
    const value = row.querySelectorAll('[data-value]')[index]?.dataset.value;
    return value === undefined || value === '' ? null : Number(value);
  });
  return { label: titles[index].textContent.trim(), values };
}

function draw(place, rows, locale) {
  const columns = place.dataset.columns.split(' ').map((name) => columnOf(rows, name));
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'numeric', timeZone: 'UTC' });
  const dayOf = (seconds) => day.format(seconds * 1000);
  const grid = { stroke: color('--line'), width: 1 };
  const axis = { stroke: color('--soft'), grid, ticks: grid };
  const options = {
    width: place.clientWidth,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
    cursor: { sync: { key: 'days' } },
    axes: [
      { ...axis, values: (_chart, splits) => splits.map(dayOf) },
      { ...axis, size: 64, values: (_chart, splits) => splits.map((value) => number.format(value)) },
    ],
    series: [
      {
        label: table.querySelector('thead th').textContent.trim(),
        value: (_chart, at) => (at === null ? '' : dayOf(at)),
      },
      ...columns.map(({ label, values }, index) => ({
        label,
        stroke: color(colors[index]),
        dash: dashes[index],
        width: 2,
        spanGaps: false,
        // A day alone makes no line.
        points: { show: values.filter((value) => value !== null).length < fewDays },
        value: (_chart, value) => (value === null ? '–' : number.format(value)),
      })),
    ],
  };
  return new uPlot(options, [daysOf(rows), ...columns.map(({ values }) => values)], place);
}

if (table !== null) {
  const rows = [...table.querySelectorAll('tbody tr')];
  const locale = document.documentElement.lang === 'fi' ? 'fi-FI' : 'en-GB';
  for (const place of document.querySelectorAll('.chart')) {
    let chart = draw(place, rows, locale);
    new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height })).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      chart.destroy();
      chart = draw(place, rows, locale);
    });
  }
}
