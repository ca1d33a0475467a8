/** The price of one listing over time, drawn on the server: a line of steps, because a price holds until it changes. */

export interface PricePoint {
  readonly atMs: number;
  readonly eur: number;
}

const width = 600;
const height = 160;
const margin = 8;

/** Nothing for fewer than two prices: a line needs them. */
export function PriceChart({ points, endMs, label }: { points: readonly PricePoint[]; endMs: number; label: string }) {
  const [first] = points;
  if (first === undefined || points.length < 2) return null;
  const prices = points.map(({ eur }) => eur);
  const lowest = Math.min(...prices);
  const highest = Math.max(...prices);
  const x = (atMs: number) => margin + ((atMs - first.atMs) / Math.max(1, endMs - first.atMs)) * (width - 2 * margin);
  const y = (eur: number) => height - margin - ((eur - lowest) / Math.max(1, highest - lowest)) * (height - 2 * margin);
  const steps = points.slice(1).map(({ atMs, eur }) => `H${x(atMs).toFixed(1)}V${y(eur).toFixed(1)}`);
  const line = `M${x(first.atMs).toFixed(1)} ${y(first.eur).toFixed(1)}${steps.join('')}H${x(endMs).toFixed(1)}`;
  return (
    <svg class="price-chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path d={line} />
      {points.map(({ atMs, eur }) => (
        <circle cx={x(atMs).toFixed(1)} cy={y(eur).toFixed(1)} r="4" key={atMs} />
      ))}
    </svg>
  );
}
