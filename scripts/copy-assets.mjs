// Copies the files that `tsc` leaves behind (SQL migrations, the shipped configuration, simulator assets) into dist/,
// at the same relative place, so that compiled code finds them next to itself; and makes the program executable.
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const assetEndings = ['.sql', '.json', '.css', '.html', '.js', '.svg'];
const rooms = ['config', 'src', 'simulator', 'dashboard'];

function copyAssets(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      copyAssets(path);
    } else if (assetEndings.some((ending) => name.endsWith(ending))) {
      cpSync(path, join('dist', path));
    }
  }
}

// A migration that was renamed must not stay behind under its old name: the program would find two of one number.
rmSync(join('dist', 'src', 'storage', 'migrations'), { recursive: true, force: true });
for (const room of rooms) {
  if (existsSync(room)) copyAssets(room);
}
chmodSync(join('dist', 'cli', 'main.js'), 0o755);
