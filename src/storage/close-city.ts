/**
 * The end of a city in one transaction: its receipt, the listings that have come back, those that are gone, and those
 * of one home.
 */
import type { SeriesRules } from '../jobs/series-store.ts';
import type { CityDelisting, CityReceipt } from '../quality/city-receipt.ts';
import { countDelisted, delist, saveDealTypes, takeBackSeen } from './delist.ts';
import { updateDelisting, upsertReceipt } from './executions.ts';
import { linkRelistings } from './link-relistings.ts';
import type { Session } from './session.ts';

/** Saves the receipt and does what follows from it; gives back the whole receipt. Must run inside a transaction. */
export async function saveCityEnd(
  session: Session,
  judged: Omit<CityReceipt, keyof CityDelisting>,
  rules: SeriesRules | null,
): Promise<CityReceipt> {
  // What follows is derived from the runs that are stored, so this one must be among them.
  await upsertReceipt(session, { ...judged, gone: 0, returned: 0, goneWaiting: 0, delistingNote: null });
  await saveDealTypes(session, judged);
  await takeBackSeen(session, judged);
  const due = judged.verdict === 'complete' && !judged.isQuarantined ? rules : null;
  const delistingNote = due === null ? null : await delist(session, judged, due.delisting);
  if (due !== null) await linkRelistings(session, judged, due.relisting);
  const { gone, returned, waiting } = await countDelisted(session, judged);
  const delisting = { gone, returned, goneWaiting: judged.isListComplete ? waiting : 0, delistingNote };
  await updateDelisting(session, judged, delisting);
  return { ...judged, ...delisting };
}
