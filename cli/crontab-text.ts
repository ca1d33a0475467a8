/**
 * The lines of a crontab that are ours: between two marks that name the folder, so that several set-ups live side by side and
 * each finds its own again.
 */
export interface CronEntry {
  /** Minute, hour, day, month, weekday. */
  readonly pattern: string;
  /** Where the run stands; relative paths of the configuration start there. */
  readonly folder: string;
  /** Absolute: the interpreter and the program. */
  readonly program: readonly string[];
  readonly configPath: string;
  /** What the run prints is added to it. */
  readonly logPath: string;
}

const beginOf = (folder: string) => `# oikotie in ${folder}: begin`;
const endOf = (folder: string) => `# oikotie in ${folder}: end`;

/** The crontab with this entry, in the place of the one this folder had. */
export function withEntry(crontab: string, entry: CronEntry): string {
  const others = withoutEntry(crontab, entry.folder);
  const separator = others === '' || others.endsWith('\n') ? '' : '\n';
  const lines = [beginOf(entry.folder), lineOf(entry), endOf(entry.folder)];
  return `${others}${separator}${lines.join('\n')}\n`;
}

/** The crontab without the entry of this folder; everything else to the letter. */
export function withoutEntry(crontab: string, folder: string): string {
  const lines = crontab.split('\n');
  const begin = lines.indexOf(beginOf(folder));
  const end = lines.indexOf(endOf(folder), begin);
  if (begin === -1 || end === -1) return crontab;
  return [...lines.slice(0, begin), ...lines.slice(end + 1)].join('\n');
}

function lineOf({ pattern, folder, program, configPath, logPath }: CronEntry): string {
  const command = [...program, 'run', '--unless-running', '--config', configPath].map(quoted).join(' ');
  return `${pattern} cd ${quoted(folder)} && ${command} >> ${quoted(logPath)} 2>&1`;
}

/** For a shell, and for cron, which ends a command at a % that has no backslash. */
function quoted(text: string): string {
  const forShell = /^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  return forShell.replaceAll('%', '\\%');
}
