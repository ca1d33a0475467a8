/**
 * Whether two listings with different ids advertise the same home: a score with its reasons, and which pairs are clear
 * enough to be linked. Two listings are never merged; a link only lets the time on the market be told for both.
 */

/** What of a listing says which home it is; null where its page does not say. */
export interface Home {
  readonly address: string | null;
  readonly areaM2: number | null;
  readonly rooms: number | null;
  readonly floor: number | null;
  /** Degrees WGS84. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly buildingType: string | null;
}

/** One thing in which two listings agree; `field` says in what, `says` in words. */
export interface Agreement {
  readonly field: 'address' | 'area' | 'rooms' | 'floor' | 'coordinates';
  /** What it adds to the score, 0 to 1. */
  readonly points: number;
  readonly says: string;
}

export interface Likeness {
  /** 0 to 1; 0 when they differ in something that a home does not change. */
  readonly score: number;
  readonly reasons: readonly Agreement[];
}

/** A listing and one that was gone before it appeared. */
export interface HomePair {
  readonly listingId: string;
  readonly earlierListingId: string;
  readonly home: Home;
  readonly earlierHome: Home;
}

export interface RelistingLink extends Likeness {
  readonly listingId: string;
  readonly earlierListingId: string;
}

export interface RelistingSettings {
  /** Most days between a listing that is gone and one that may be the same home. */
  readonly maxGapDays: number;
  /** Score from which two listings are linked, 0 to 1. */
  readonly minScore: number;
}

/** The address of such a building is the home: it has no other floor to be mistaken for. */
const oneHomeBuildings: ReadonlySet<string> = new Set(['detached_house', 'separate_house']);
/** Areas are measured and rounded anew: up to this difference, in m², it may be the same home. */
const sameAreaM2 = 0.1;
const likeAreaM2 = 1;
/** The pin of a building is set by hand, too. */
const sameSpotM = 50;
const likeSpotM = 300;
/** `Erätie 12 A 5`, `Rintamaantie 12a as.3`: street, number, and the rest that names stairs and flat. */
const addressParts = /^(\D*?)\s*(\d+)\s*(.*)$/u;
const unitParts = /^(?:([a-zåäö])(?![a-zåäö]))?\s*(?:asunto|huoneisto|hto|as)?\s*(\d*)/u;
/** Scores nearer to each other than this are not told apart. */
const tie = 0.005;

type Comparison = Agreement | 'differs' | 'unknown';

/** @internal How much two listings are like one home; the order of the two does not matter. */
export function compareHomes(one: Home, other: Home): Likeness {
  const comparisons = [
    compareAddresses(one.address, other.address),
    compareAreas(one.areaM2, other.areaM2),
    compareCounts('rooms', one.rooms, other.rooms, 0.1),
    compareFloors(one, other),
    compareSpots(one, other),
  ];
  if (comparisons.includes('differs')) return { score: 0, reasons: [] };
  const reasons = comparisons.filter((comparison) => typeof comparison === 'object');
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0);
  return { score: Math.min(1, Math.round(points * 100) / 100), reasons };
}

/**
 * The pairs to link: those from `minScore` on that are the best of both their listings. Where two are equally good it is
 * not known which, and none is linked.
 */
export function chooseLinks(pairs: readonly HomePair[], minScore: number): readonly RelistingLink[] {
  const likely: RelistingLink[] = [];
  for (const { listingId, earlierListingId, home, earlierHome } of pairs) {
    const likeness = compareHomes(home, earlierHome);
    if (likeness.score >= minScore) likely.push({ listingId, earlierListingId, ...likeness });
  }
  const ofLater = groupBy(likely, ({ listingId }) => listingId);
  const ofEarlier = groupBy(likely, ({ earlierListingId }) => earlierListingId);
  const isBest = (link: RelistingLink, rivals: readonly RelistingLink[] = []) =>
    rivals.every((rival) => rival === link || rival.score < link.score - tie);
  return likely.filter(
    (link) => isBest(link, ofLater.get(link.listingId)) && isBest(link, ofEarlier.get(link.earlierListingId)),
  );
}

function groupBy(links: readonly RelistingLink[], keyOf: (link: RelistingLink) => string) {
  const groups = new Map<string, RelistingLink[]>();
  for (const link of links) {
    const group = groups.get(keyOf(link));
    if (group === undefined) groups.set(keyOf(link), [link]);
    else group.push(link);
  }
  return groups;
}

function compareAddresses(one: string | null, other: string | null): Comparison {
  if (one === null || other === null) return 'unknown';
  const [parts, otherParts] = [partsOf(one), partsOf(other)];
  const isOther = (name: 'stairs' | 'flat') =>
    parts[name] !== '' && otherParts[name] !== '' && parts[name] !== otherParts[name];
  if (parts.street !== otherParts.street || isOther('stairs') || isOther('flat')) return 'differs';
  const isFlat = parts.flat !== '' && otherParts.flat !== '';
  if (isFlat) return { field: 'address', points: 0.4, says: 'same street, number and flat' };
  return { field: 'address', points: 0.3, says: 'same street and number' };
}

/** Street with number, staircase and flat in one spelling; empty where the address does not name them. */
function partsOf(address: string): { readonly street: string; readonly stairs: string; readonly flat: string } {
  const plain = address.normalize('NFC').toLowerCase().replaceAll(/[.,;]/g, ' ').replaceAll(/\s+/g, ' ').trim();
  const [, street = plain, number = '', rest = ''] = addressParts.exec(plain) ?? [];
  const [, stairs = '', flat = ''] = unitParts.exec(rest) ?? [];
  return { street: `${street.trim()} ${number}`, stairs, flat };
}

function compareAreas(one: number | null, other: number | null): Comparison {
  if (one === null || other === null) return 'unknown';
  const differenceM2 = Math.round(Math.abs(one - other) * 100) / 100;
  if (differenceM2 <= sameAreaM2) return { field: 'area', points: 0.25, says: 'same area' };
  if (differenceM2 <= likeAreaM2) return { field: 'area', points: 0.15, says: `areas ${differenceM2} m² apart` };
  return 'differs';
}

function compareCounts(field: 'rooms' | 'floor', one: number | null, other: number | null, points: number): Comparison {
  if (one === null || other === null) return 'unknown';
  return one === other ? { field, points, says: field === 'rooms' ? 'same number of rooms' : 'same floor' } : 'differs';
}

function compareFloors(one: Home, other: Home): Comparison {
  const isOneHome = one.buildingType !== null && oneHomeBuildings.has(one.buildingType);
  if (one.floor === null && other.floor === null && isOneHome && one.buildingType === other.buildingType) {
    return { field: 'floor', points: 0.2, says: 'a house of its own' };
  }
  return compareCounts('floor', one.floor, other.floor, 0.2);
}

function compareSpots(one: Home, other: Home): Comparison {
  const distanceM = distanceBetween(one, other);
  if (distanceM === null) return 'unknown';
  if (distanceM <= sameSpotM) return { field: 'coordinates', points: 0.15, says: 'same place' };
  if (distanceM <= likeSpotM) return { field: 'coordinates', points: 0.05, says: `${Math.round(distanceM)} m apart` };
  return 'differs';
}

const metresPerDegree = 111_195;

/** Metres on a flat map, which is exact enough over a few hundred; null when a place is not known. */
function distanceBetween(one: Home, other: Home): number | null {
  if (one.latitude === null || one.longitude === null || other.latitude === null || other.longitude === null)
    return null;
  const northM = (one.latitude - other.latitude) * metresPerDegree;
  const eastM = (one.longitude - other.longitude) * metresPerDegree * Math.cos((one.latitude * Math.PI) / 180);
  return Math.hypot(northM, eastM);
}
