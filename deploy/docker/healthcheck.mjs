// The HEALTHCHECK of a container: asks the process in it whether it is well, and exits 0 or 1. A role answers on its
// metrics port; another address is given as the only argument.
const [, , url = `http://127.0.0.1:${process.env.SCRAPER_METRICS_PORT}/healthz`] = process.argv;

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(8_000) });
  console.log(`${response.status} ${(await response.text()).trim()}`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.log(`${url}: expected an answer, got ${error.cause?.code ?? error.message}`);
  process.exitCode = 1;
}
