// Makes sure the programs that the tests start are here: redis-server, openssl and Chromium. On a Debian-like system, as
// root, it installs what is missing; anywhere else it says in one sentence what to install, and fails. Two may be missing,
// and their tests are skipped: promtool, and Go with the packages that the chart is rendered with.
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const parts = [
  { program: 'redis-server', names: ['redis-server'], aptPackage: 'redis-server' },
  { program: 'openssl', names: ['openssl'], aptPackage: 'openssl' },
  { program: 'chromium', names: ['chromium', 'chromium-browser', 'google-chrome'], aptPackage: 'chromium' },
];

/** What the chart is rendered with: the package, and a file of it. */
const chartParts = [
  { aptPackage: 'golang-1.19-go', path: '/usr/lib/go-1.19/bin/go' },
  { aptPackage: 'golang-github-masterminds-sprig-dev', path: '/usr/share/gocode/src/github.com/Masterminds/sprig' },
  { aptPackage: 'golang-gopkg-yaml.v3-dev', path: '/usr/share/gocode/src/gopkg.in/yaml.v3' },
];

function findProgram(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.some((name) => folders.some((folder) => isExecutable(join(folder, name))));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // "not there" is one of the two answers asked for
  }
}

function findMissing() {
  return parts.filter((part) => !findProgram(part.names));
}

function canInstall() {
  return process.getuid?.() === 0 && findProgram(['apt-get']);
}

function runApt(args) {
  const lockWait = ['-o', 'DPkg::Lock::Timeout=300'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // What apt prints goes to stderr: stdout is the tests'.
  return spawnSync('apt-get', [...lockWait, ...args], { stdio: ['ignore', 2, 2], env }).status === 0;
}

function describe(missing, reason) {
  const programs = missing.map((part) => part.program).join(' and ');
  const packages = missing.map((part) => part.aptPackage).join(' ');
  return `The tests need ${programs}: ${reason}; install from your system's packages (Debian: apt-get install ${packages}).`;
}

/**
 * Takes promtool alone out of the package of Prometheus, 19 MB: installing the package would start a server and bring twenty
 * others. What fails is said, and nothing else.
 */
function getPromtool() {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-promtool-'));
  try {
    const run = (program, args) => spawnSync(program, args, { cwd: folder, stdio: ['ignore', 2, 2] }).status === 0;
    if (
      !run('apt-get', ['download', 'prometheus']) &&
      !(runApt(['update']) && run('apt-get', ['download', 'prometheus']))
    ) {
      return false;
    }
    const [debFile] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    if (debFile === undefined || !run('dpkg-deb', ['--extract', debFile, 'files'])) return false;
    const draft = '/usr/local/bin/.promtool.new';
    if (!run('cp', [join('files', 'usr', 'bin', 'promtool'), draft])) return false;
    chmodSync(draft, 0o755);
    renameSync(draft, '/usr/local/bin/promtool');
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!findProgram(['promtool']) && canInstall()) {
  console.error('Getting promtool for the test of the alert rules.');
  if (!getPromtool()) console.error('promtool could not be had; the test of the alert rules is skipped.');
}

const missingChartParts = chartParts.filter(({ path }) => !existsSync(path)).map(({ aptPackage }) => aptPackage);
if (missingChartParts.length > 0 && canInstall()) {
  console.error('Installing what the chart is rendered with (Go and two of its packages, 88 MB).');
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missingChartParts];
  if (!runApt(install) && !(runApt(['update']) && runApt(install))) {
    console.error('Go or its packages could not be had; the tests of the rendered chart are skipped.');
  }
}

const missing = findMissing();
if (missing.length > 0 && !canInstall()) {
  console.error(describe(missing, 'not found, and only root on a Debian-like system can install from here'));
  process.exitCode = 1;
} else if (missing.length > 0) {
  const packages = missing.map((part) => part.aptPackage);
  console.error(`Installing ${packages.join(' and ')} for the tests.`);
  const isInstalled = runApt(['update']) && runApt(['install', '-y', '--no-install-recommends', ...packages]);
  const stillMissing = findMissing();
  if (!isInstalled || stillMissing.length > 0) {
    console.error(
      describe(stillMissing.length > 0 ? stillMissing : missing, 'not found, and apt-get could not install'),
    );
    process.exitCode = 1;
  }
}
