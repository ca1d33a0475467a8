/**
 * Rendezvous hashing (highest random weight, Thaler and Ravishankar 1996): which node a key belongs to. Every node finds
 * the same answer by itself, and a node that comes or goes moves only the keys that it gets or had.
 */

/** The node with the highest weight for the key; null when there is none. The order of the nodes does not matter. */
export function preferredNode(key: string, nodeIds: readonly string[]): string | null {
  let best: { readonly nodeId: string; readonly weight: number } | null = null;
  for (const nodeId of nodeIds) {
    const weight = weightOf(`${nodeId}\n${key}`);
    if (best === null || weight > best.weight || (weight === best.weight && nodeId < best.nodeId)) {
      best = { nodeId, weight };
    }
  }
  return best?.nodeId ?? null;
}

/** FNV-1a over the UTF-16 units, then the finalizer of MurmurHash3, without which similar names weigh alike. */
function weightOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
