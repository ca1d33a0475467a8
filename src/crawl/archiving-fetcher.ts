/**
 * A fetcher that lets an archive see what the portal sent. It changes neither request nor response, and what becomes of
 * the archive is nothing to the fetch.
 */
import type { FetchedResponse, Fetcher, RequestKind } from './fetcher.ts';

/** Takes response bodies under the SHA-256 of their bytes (hex). */
export interface ResponseArchive {
  /** Must not throw and must not wait. */
  readonly put: (sha256: string, bytes: Buffer) => void;
}

/** The kinds that data is read from; a session page holds tokens and is not kept. */
const archivedKinds: ReadonlySet<RequestKind> = new Set<RequestKind>(['search', 'listing']);

/** The fetcher, with every usable search answer and listing page (status 200) put into the archive. */
export function createArchivingFetcher(fetcher: Fetcher, archive: ResponseArchive): Fetcher {
  return {
    fetch: async (request) => {
      const response = await fetcher.fetch(request);
      if (response.status === 200 && archivedKinds.has(request.kind)) archive.put(response.sha256, bytesOf(response));
      return response;
    },
    close: fetcher.close,
  };
}

/** An adapter without bytes of its own (a browser) hashes the UTF-8 of its text. */
function bytesOf(response: FetchedResponse): Buffer {
  return response.bodyAsSent ?? Buffer.from(response.body, 'utf8');
}
