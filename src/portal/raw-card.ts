/**
 * A card as one of the two shapes of search answers has it -> the same fields, whatever the shape. Field by field lenient:
 * one of another type than expected costs that field and leaves an issue. Written out instead of a schema, because
 * cards are read by the thousand and a schema with as many choices took a tenth of the time of a page for each.
 */
import type { Issue } from '../listings/issue.ts';
import { issueOf } from './reading.ts';

/** What both shapes say; null where a card does not. */
export interface RawCard {
  readonly id: string;
  readonly url: string | null;
  readonly contractType: string | null;
  readonly cardType: string | null;
  readonly city: string | null;
  readonly district: string | null;
  readonly address: string | null;
  readonly postalCode: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly price: string | null;
  readonly size: string | null;
  readonly sizeMin: string | null;
  readonly rooms: string | null;
  readonly roomConfiguration: string | null;
  readonly yearBuilt: string | null;
  readonly newDevelopment: boolean | null;
  readonly published: string | null;
  readonly priceChanged: string | null;
  readonly brokerCompany: string | null;
  readonly status: string | null;
}

/** Whether a card is of the newer `/api/search` shape. */
export function isNewShape(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'cardId' in body;
}

/** Reads a card of either shape; null when it is none or has no usable id. */
export function readRawCard(body: unknown, issues: Issue[]): RawCard | null {
  if (!isObject(body)) {
    reportField('', issues);
    return null;
  }
  const fields = new CardFields(body, '', issues);
  return isNewShape(body) ? rawOfNew(fields) : rawOfOld(fields);
}

function rawOfNew(card: CardFields): RawCard | null {
  const id = card.id('cardId');
  const own = { cardType: card.scalar('cardType'), url: card.text('url'), status: card.scalar('status') };
  const data = card.part('data');
  const ofData = {
    rooms: data.scalar('rooms'),
    roomConfiguration: data.text('roomConfiguration'),
    price: data.scalar('price'),
    size: data.scalar('size'),
    sizeMin: data.scalar('sizeMin'),
    yearBuilt: data.scalar('buildYear'),
    newDevelopment: data.flag('newDevelopment'),
  };
  const location = card.part('location');
  const place = {
    address: location.text('address'),
    district: location.text('district'),
    city: location.text('city'),
    postalCode: location.scalar('zipCode'),
    latitude: location.degrees('latitude'),
    longitude: location.degrees('longitude'),
  };
  const meta = card.part('meta');
  const ofMeta = {
    published: meta.scalar('published'),
    priceChanged: meta.scalar('priceChanged'),
    contractType: meta.scalar('contractType'),
  };
  const brokerCompany = card.part('company').text('companyName');
  return id === null ? null : { id, ...own, ...ofData, ...place, ...ofMeta, brokerCompany };
}

function rawOfOld(card: CardFields): RawCard | null {
  const id = card.id('id');
  const own = {
    cardType: card.scalar('cardType'),
    contractType: card.scalar('contractType'),
    url: card.text('url'),
    status: card.scalar('status'),
    rooms: card.scalar('rooms'),
    roomConfiguration: card.text('roomConfiguration'),
    price: card.scalar('price'),
    size: card.scalar('size'),
    sizeMin: card.scalar('sizeMin'),
    newDevelopment: card.flag('newDevelopment'),
    published: card.scalar('published'),
    priceChanged: card.scalar('priceChanged'),
  };
  const building = card.part('buildingData');
  const ofBuilding = {
    address: building.text('address'),
    district: building.text('district'),
    city: building.text('city'),
    yearBuilt: building.scalar('year'),
  };
  const coordinates = card.part('coordinates');
  const place = {
    postalCode: null,
    latitude: coordinates.degrees('latitude'),
    longitude: coordinates.degrees('longitude'),
  };
  const brokerCompany = card.part('brand').text('name');
  return id === null ? null : { id, ...own, ...ofBuilding, ...place, brokerCompany };
}

type Fields = Readonly<Record<string, unknown>>;

const noFields: Fields = {};

/** The fields of a card, or of a part of it, read one by one; what is absent or of another type is null. */
class CardFields {
  readonly #fields: Fields;
  /** Before a field's name in an issue. */
  readonly #path: string;
  readonly #issues: Issue[];

  constructor(fields: Fields, path: string, issues: Issue[]) {
    this.#fields = fields;
    this.#path = path;
    this.#issues = issues;
  }

  /** A whole number or digits. Unlike other fields, an absent one is an issue, too. */
  id(name: string): string | null {
    const value = this.#fields[name];
    if (typeof value === 'string' && /^\d{1,12}$/.test(value)) return value;
    if (Number.isSafeInteger(value) && Number(value) >= 0) return String(value);
    return this.#refuse(name);
  }

  text(name: string): string | null {
    const value = this.#fields[name] ?? null;
    return value === null || typeof value === 'string' ? value : this.#refuse(name);
  }

  /** A text or a number, as text. */
  scalar(name: string): string | null {
    const value = this.#fields[name] ?? null;
    if (value === null || typeof value === 'string') return value;
    return typeof value === 'number' ? String(value) : this.#refuse(name);
  }

  /** A number, or a text that says one. */
  degrees(name: string): number | null {
    const value = this.#fields[name] ?? null;
    if (value === null) return null;
    const number = typeof value === 'object' ? Number.NaN : Number(value);
    return Number.isFinite(number) ? number : this.#refuse(name);
  }

  /** True or false, or 1 or 0. */
  flag(name: string): boolean | null {
    const value = this.#fields[name] ?? null;
    if (value === null || typeof value === 'boolean') return value;
    return value === 0 || value === 1 ? value === 1 : this.#refuse(name);
  }

  part(name: string): CardFields {
    const value = this.#fields[name] ?? null;
    if (value !== null && !isObject(value)) this.#refuse(name);
    return new CardFields(isObject(value) ? value : noFields, `${this.#path}${name}.`, this.#issues);
  }

  #refuse(name: string): null {
    reportField(this.#path + name, this.#issues);
    return null;
  }
}

function reportField(field: string, issues: Issue[]): void {
  const message = `card field ${field}: has another type than expected`;
  issues.push(issueOf('UNREADABLE_VALUE', field === '' ? null : field, message));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
