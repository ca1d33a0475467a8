import { describe, expect, it } from 'vitest';
import { beside } from '../../src/storage/beside.ts';

/** A statement that ends when told. */
function openStatement(): { readonly rows: Promise<string>; readonly end: () => void } {
  let end = (): void => undefined;
  const rows = new Promise<string>((resolve) => {
    end = () => resolve('rows');
  });
  return { rows, end: () => end() };
}

describe('work beside a statement', () => {
  it('is done before a statement that takes longer has ended', async () => {
    const order: string[] = [];
    const statement = openStatement();

    const both = beside(statement.rows, () => {
      order.push('computed');
      statement.end();
      return 'hashes';
    });
    void statement.rows.then(() => order.push('answered'));

    expect(await both).toEqual(['rows', 'hashes']);
    expect(order).toEqual(['computed', 'answered']);
  });

  it('that fails waits for the statement, which must not outlive its transaction', async () => {
    const statement = openStatement();
    let hasEnded = false;
    const both = beside(statement.rows, () => {
      setImmediate(() => {
        hasEnded = true;
        statement.end();
      });
      throw new Error('a bug');
    });

    await expect(both).rejects.toThrow('a bug');
    expect(hasEnded).toBe(true);
  });

  it('gives the error of the statement', async () => {
    const failed = Promise.reject(new Error('no such table'));

    await expect(beside(failed, () => 'hashes')).rejects.toThrow('no such table');
  });
});
