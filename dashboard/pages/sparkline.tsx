/** A small chart drawn on the server. It says nothing that its caption does not say in words. */

interface SparklineProps {
  /** Oldest first, each 0 to 1. */
  readonly shares: readonly number[];
  /** Those of them that stand out, by index. */
  readonly marked?: ReadonlySet<number>;
}

const width = 160;
const height = 40;
/** Room for the line's own width and the marks. */
const margin = 3;

export function Sparkline({ shares, marked = new Set() }: SparklineProps) {
  const step = shares.length < 2 ? 0 : (width - 2 * margin) / (shares.length - 1);
  const at = (share: number, index: number) => ({
    x: round(shares.length < 2 ? width / 2 : margin + index * step),
    y: round(height - margin - Math.min(1, Math.max(0, share)) * (height - 2 * margin)),
  });
  const points = shares.map(at);
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <line x1={0} x2={width} y1={height - margin} y2={height - margin} class="spark-base" />
      <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} class="spark-line" />
      {points.map(({ x, y }, index) =>
        marked.has(index) ? <circle cx={x} cy={y} r={3} class="spark-mark" key={x} /> : null,
      )}
      {points.slice(-1).map(({ x, y }) => (
        <circle cx={x} cy={y} r={2} class="spark-last" key="last" />
      ))}
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
