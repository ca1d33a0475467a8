/** The status of a run in words and colour. */
import type { ExecutionTexts } from '../texts/executions.ts';

type KnownStatus = keyof ExecutionTexts['statusWords'];

const tones: Readonly<Record<KnownStatus, 'ok' | 'warn' | 'bad' | 'soft'>> = {
  running: 'soft',
  completed: 'ok',
  degraded: 'warn',
  interrupted: 'warn',
  paused: 'warn',
  failed: 'bad',
  missed: 'bad',
};

export function Status({ status, texts }: { status: string; texts: ExecutionTexts }) {
  const known = (Object.keys(tones) as KnownStatus[]).find((name) => name === status);
  return (
    <span class={`badge ${known === undefined ? 'soft' : tones[known]}`}>
      {known === undefined ? status : texts.statusWords[known]}
    </span>
  );
}
