import { describe, expect, it } from 'vitest';
import { checkDrop } from '../../src/quality/delisting.ts';

const drop = (leaving: number, present: number) => checkDrop({ city: 'Kirkko Nummi', leaving, present }, 0.2);

describe('the gate before listings are marked gone', () => {
  it('lets a share up to the limit pass', () => {
    expect([drop(0, 0), drop(0, 10), drop(2, 10), drop(200, 1000)]).toEqual([null, null, null, null]);
  });

  it('says with numbers why more than that is held back, and how to accept it', () => {
    expect(drop(301, 1000)).toBe(
      '301 of 1000 listings (30.1 %) would be marked gone, and a run may mark 20 % at most: none was; ' +
        'if they are gone, accept it: oikotie run --city "Kirkko Nummi" --accept-drop',
    );
    expect(drop(1, 4)).toContain('1 of 4 listings (25 %)');
  });

  it('holds everything back at a limit of 0, and nothing at 1', () => {
    expect(checkDrop({ city: 'Espoo', leaving: 1, present: 100 }, 0)).toContain('at most: none was');
    expect(checkDrop({ city: 'Espoo', leaving: 100, present: 100 }, 1)).toBeNull();
  });
});
