/**
 * How the simulated portal prints things in cards and page data: time, price, size, its numeric codes. The wire shapes
 * follow recorded payloads.
 */
import { areaOf, eurosOf, eurosPerMonth } from './finnish-format.ts';
import type { BuildingTypeWord, Home } from './home.ts';

/** The portal's numeric codes of building types. */
export const buildingTypeIds: Readonly<Record<BuildingTypeWord, number>> = {
  Kerrostalo: 1,
  Rivitalo: 2,
  Omakotitalo: 4,
  'Vapaa-ajan asunto': 8,
  Erillistalo: 32,
  Paritalo: 64,
  Muu: 128,
  Luhtitalo: 256,
  'Puutalo-osake': 512,
};

/** `2026-07-31 11:23:45`, as new cards print times: Helsinki wall clock without a zone. */
export function portalTime(epochMs: number): string {
  return new Date(epochMs + helsinkiOffsetMs(epochMs)).toISOString().slice(0, 19).replace('T', ' ');
}

/** Summer time from the last Sunday of March 01:00 UTC to the last Sunday of October 01:00 UTC. */
function helsinkiOffsetMs(epochMs: number): number {
  const year = new Date(epochMs).getUTCFullYear();
  const isSummer = epochMs >= lastSundayMs(year, 2) && epochMs < lastSundayMs(year, 9);
  return (isSummer ? 3 : 2) * 3_600_000;
}

/**
 * The same time, moved three hours back when its wall clock in Helsinki happens twice (the autumn change): a card's time
 * without a zone could not be read back there, and the truth must be readable.
 */
export function outsideRepeatedHour(epochMs: number): number {
  const changeMs = lastSundayMs(new Date(epochMs).getUTCFullYear(), 9);
  return Math.abs(epochMs - changeMs) <= 3_600_000 ? epochMs - 3 * 3_600_000 : epochMs;
}

function lastSundayMs(year: number, month: number): number {
  const monthEnd = new Date(Date.UTC(year, month, 31, 1));
  return monthEnd.getTime() - monthEnd.getUTCDay() * 86_400_000;
}

/** `2026-07-31T11:23:45Z`, as old cards print times. */
export function portalIsoTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** `650 000 €`, or `872 € / kk` for a rental. */
export function priceText(home: Home): string {
  return home.dealType === 'rent' ? eurosPerMonth(home.rentCents) : eurosOf(home.debtFreeCents);
}

/** `74,5 m²`. */
export function sizeText(home: Home): string {
  return areaOf(home.areaTenthsM2);
}
