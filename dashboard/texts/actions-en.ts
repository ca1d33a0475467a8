/** Operators' actions in English. */
import type { ActionTexts } from './action-words.ts';
import { runInstead } from './action-words.ts';

/** The breaker of all cities has the name of no city. */
const breakerName = (breaker: string) => (breaker === 'portal' ? 'the whole portal' : breaker);

export const actionsInEnglish: ActionTexts = {
  kinds: {
    run: {
      button: 'Run now',
      title: (city) => (city === '' ? 'Run all cities now' : `Run ${city} now`),
      meaning:
        'A run is put on its queue at once, beside the schedule. Budgets, quiet hours and limits hold as in any run.',
      done: (run) => `${run} is on its queue.`,
      instead: runInstead,
    },
    'retry-failed': {
      button: 'Retry what failed',
      title: (city) => `Retry what failed in ${city}`,
      meaning:
        'A run of this city is put on its queue. It reads the whole list again and asks once more for every listing whose last try failed; a listing that is unchanged is not asked for.',
      done: (run) => `${run} is on its queue; it asks for the failed listings again.`,
      instead: runInstead,
    },
    'accept-drop': {
      button: 'Accept the drop',
      title: (city) => `Accept that ${city} has lost many listings`,
      meaning:
        'A run of this city is put on its queue in which listings that are no longer listed are marked gone, however many. Do this only when you have seen at the portal that they are gone.',
      done: (run) => `${run} is on its queue and accepts the drop.`,
      instead: (city) => `oikotie run --city "${city}" --accept-drop`,
    },
    'pause-schedule': {
      button: 'Pause the schedule',
      title: () => 'Pause the schedule',
      meaning: 'No run starts by itself until the schedule is resumed. A run that is under way goes on.',
      done: () => 'The schedule is paused.',
      instead: null,
    },
    'resume-schedule': {
      button: 'Resume the schedule',
      title: () => 'Resume the schedule',
      meaning: 'Runs start by themselves again. A run of today that was left out is caught up at once.',
      done: () => 'The schedule is resumed.',
      instead: null,
    },
    'pause-city': {
      button: 'Pause',
      title: (city) => `Pause ${city}`,
      meaning:
        'Nothing more is asked for this city until it is resumed, in later runs too; requests under way are finished. A run does not end while one of its cities is paused.',
      done: () => 'The city is paused.',
      instead: (city) => `oikotie breaker open "${city}"`,
    },
    'resume-city': {
      button: 'Resume',
      title: (city) => `Resume ${city}`,
      meaning: 'The city goes on where it was paused.',
      done: () => 'The city goes on.',
      instead: (city) => `oikotie breaker close "${city}"`,
    },
    'set-limits': {
      button: 'Change the rate',
      title: (city) => `Change how fast ${city} is asked`,
      meaning:
        'It holds on every node at once and for later runs, until it is reset. A longer Crawl-delay of robots.txt and the limit of the whole portal hold all the same.',
      done: (limits) => `In force now: ${limits}.`,
      instead: null,
    },
    'reset-limits': {
      button: 'As configured',
      title: (city) => `Ask ${city} as configured again`,
      meaning: 'What an operator has set for this city is forgotten.',
      done: (limits) => `In force now: ${limits}.`,
      instead: null,
    },
    'open-breaker': {
      button: 'Hold open',
      title: (breaker) => `Hold the breaker of ${breakerName(breaker)} open`,
      meaning:
        'Nothing is asked until it is closed or reset. A city of a run that waits longer than it may ends as partial.',
      done: () => 'The breaker is held open.',
      instead: null,
    },
    'close-breaker': {
      button: 'Close',
      title: (breaker) => `Close the breaker of ${breakerName(breaker)}`,
      meaning: 'Requests pass again at once; a node that is kept from asking stays so.',
      done: () => 'The breaker is closed.',
      instead: null,
    },
    'reset-breaker': {
      button: 'Reset',
      title: (breaker) => `Reset the breaker of ${breakerName(breaker)}`,
      meaning: 'It is as new: closed, nothing counted, no node kept from asking.',
      done: () => 'The breaker is reset.',
      instead: null,
    },
    'drain-node': {
      button: 'Drain',
      title: (node) => `Drain ${node}`,
      meaning: 'The node takes nothing new, finishes or gives back what is active, and ends.',
      done: () => 'The node is asked to drain.',
      instead: null,
    },
    'release-quarantine': {
      button: 'Release',
      title: (city) => `Release the quarantine of ${city}`,
      meaning: 'The changes of that run are accepted, except where something newer has come.',
      done: (count) => (count === '' ? 'The store has released it.' : `Released listings: ${count}.`),
      instead: null,
    },
    'discard-quarantine': {
      button: 'Discard',
      title: (city) => `Discard the quarantine of ${city}`,
      meaning: 'The changes of that run are forgotten; the records stay as they were before it.',
      done: (count) => (count === '' ? 'The store has discarded it.' : `Discarded listings: ${count}.`),
      instead: null,
    },
  },
  refusals: {
    needs_cluster: () =>
      'There is no cluster here: runs are made by one process, which the dashboard does not start and cannot reach.',
    cluster_away: (why) => `Redis does not answer, so nothing was asked of the cluster. ${why}`,
    run_under_way: (run) => `${run} is under way. Wait until it has ended, then try again.`,
    unknown_city: (city) => `There is no configured city called ${city}.`,
    unknown_breaker: (breaker) => `There is no breaker called ${breaker}.`,
    unknown_node: (node) => `There is no node called ${node}; it may have ended.`,
    node_offline: (node) => `${node} is offline and cannot hear. Others take its jobs when their locks end.`,
    nothing_set: (city) => `Nothing was set for ${city}: it is asked as configured.`,
    unchanged: () => 'It was so already.',
    no_quarantine: (why) => `There is no such quarantine that is open: somebody may have decided it. ${why}`,
    database_held: () => 'A run holds the database. Wait until it has ended, then try again.',
  },
  allCities: 'All enabled cities',
  limit: 'Listings of each city at most',
  limitHint: 'Leave it empty for all. A limited run is never complete.',
  rate: 'Requests per second',
  rateHint: 'Leave one of them empty to keep it as it is.',
  workers: 'Pages at once, over all nodes',
  confirm: 'Yes, do it',
  cancel: 'No, go back',
  back: 'Back',
  done: 'Done',
  refused: 'Not done; nothing has changed',
  failed: 'It failed on the way',
  failedHalfWay: 'Part of it may have been done. Look at the cluster page before you try again.',
  instead: 'Type this on the machine instead:',
  recorded: 'What you do is recorded with your name.',
  actions: 'Actions',
};
