/**
 * The doctor's check of the raw archive: whether its folder may be written, or its bucket answers. It writes nothing.
 */
import { messageOf } from '../src/errors.ts';
import type { BodyStore } from '../src/storage/body-store.ts';
import type { Finding } from './finding.ts';

/** A bucket is only listed: whether it may be written shows with the first page. */
export async function checkArchive(store: BodyStore): Promise<Finding> {
  const name = 'raw archive';
  try {
    await store.probe();
    return { name, status: 'ok', seen: `${store.place} is there for it`, remedy: null };
  } catch (error) {
    const remedy = 'Put that right (docs/lineage.md); until then runs keep no pages and end degraded';
    return { name, status: 'problem', seen: messageOf(error), remedy };
  }
}
