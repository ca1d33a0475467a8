import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const standalone = new URL('../../dist/workers/standalone.js', import.meta.url).href;

/** The CommonJS files of packages that are loaded once the compiled module is, in a process of its own. */
function loadedFiles(module: string): readonly string[] {
  const script = `await import(${JSON.stringify(module)});
    const { Module } = await import('node:module');
    process.stdout.write(Object.keys(Module._cache).join('\\n'));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return output.split('\n').map((file) => file.split('node_modules/').at(-1) ?? file);
}

it('a run of one process loads neither Redis nor a browser nor metrics, and of undici only its connections', () => {
  const files = loadedFiles(standalone);

  expect(files).toContain('undici/lib/dispatcher/agent.js');
  expect(files).not.toContain('undici/index.js');
  expect(
    files.filter((file) => /^(?:ioredis|bullmq|playwright-core|prom-client|@crawlee\/[a-z-]+)\//.test(file)),
  ).toEqual([]);
});
