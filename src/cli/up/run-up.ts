import { classify, codes, DownlinkError } from '../../errors.ts';
import type { Topology } from '../../config/topology.ts';
import { span } from './screen.ts';
import type { ExitCode, Shell } from '../verb.ts';
import { playDemo, prepareDemo } from './demo.ts';
import { openDisplay, type Display } from './display.ts';
import { said } from './line.ts';
import { nextSteps } from './next-steps.ts';
import type { Happening } from './part.ts';
import { startSystem, type Outside, type Ports } from './system.ts';
import { heard, openRates, openView, sawAnomaly, sawScores, trouble, type Trouble, type View } from './view.ts';
import { watchTopics, type WatchOptions } from './watch.ts';

export interface UpOptions extends Outside, Ports {
  readonly folder: string;
  readonly models: string;
  readonly demo: boolean;
  /** As it was called. */
  readonly topologyName: string;
}

const drawEveryMs = 500;
/** Anomalies that were found before the start are shown when they are no older. */
const rememberedMs = 24 * 3_600_000;

/** Starts it, shows it, and ends it when it is told to, or when a part of it cannot run. */
export async function runUp(
  options: UpOptions & { readonly topology: Topology; readonly jobs: Topology | undefined },
  shell: Shell,
): Promise<ExitCode> {
  const { topology, folder, demo } = options;
  const { again } = shell;
  if (again === undefined) throw new TypeError('this shell starts no processes');
  const began = Date.now();
  const view = openView(topology, began, elsewhereIn(options));
  const display = openDisplay(shell, view);
  const stopping = new AbortController();
  const told = shell.untilToldToStop().then(() => undefined);
  const show = (one: Trouble): void => {
    if (trouble(view, one)) display.trouble(one);
  };
  const rates = openRates(view);
  const draw = (): void => {
    rates(Date.now());
    display.draw(Date.now());
  };
  const drawing = setInterval(draw, drawEveryMs);
  const system = startSystem({
    ...options,
    env: shell.env,
    again,
    tell: listener(view, display, show),
    prepare: (reached) => (demo ? prepareDemo({ ...reached, topology, folder }) : Promise.resolve()),
  });
  const over = Promise.race([told, system.given]);
  const background: Promise<void>[] = [];
  let failure: unknown;
  try {
    const running = await Promise.race([system.running, over]);
    let wrong = typeof running === 'object' ? undefined : running;
    if (typeof running === 'object') {
      display.next(nextSteps(options.topologyName, running.addresses, demo));
      const reached = { environment: running.environment, topology, signal: stopping.signal };
      background.push(
        watchTopics({ ...reached, ...seenBy(view, display), since: began - rememberedMs, note: noteTo(show) }),
        ...(demo ? [playDemo({ ...reached, folder })] : []),
      );
      wrong = await Promise.race([over, Promise.all(background).then(() => over)]);
    }
    if (wrong !== undefined) throw new DownlinkError('config-invalid', `${wrong} cannot run`);
  } catch (thrown) {
    failure = thrown;
  }
  clearInterval(drawing);
  display.end();
  stopping.abort();
  await Promise.allSettled(background);
  await system.stop();
  if (failure === undefined) {
    shell.out(`ended; the data stay in ${folder}, and the next start goes on with them\n`);
    return 0;
  }
  for (const { part, text } of view.troubles.slice(-5)) shell.err(`${part}: ${text}\n`);
  const error = classify(failure);
  shell.err(`downlink: ${error.message}\n${codes[error.code].remedy}\n`);
  return 1;
}

const noteTo =
  (show: (one: Trouble) => void) =>
  (text: string): void =>
    show({ at: Date.now(), part: 'screen', text, bad: true });

/** What comes out of Kafka, on its way to the screen. */
const seenBy = (view: View, display: Display): Pick<WatchOptions, 'scores' | 'anomaly'> => ({
  scores: (scores) => {
    const now = Date.now();
    if (first(view))
      display.line(`the first score after ${span(now - view.began)}: ${scores.satellite_id}/${scores.entity}`);
    sawScores(view, scores, now);
  },
  anomaly: (anomaly) => {
    sawAnomaly(view, anomaly);
    display.anomaly(anomaly);
  },
});

const elsewhereIn = ({ kafka, registry, triton, victoria }: Outside): readonly string[] =>
  Object.entries({ kafka, registry, 'inference server': triton, VictoriaMetrics: victoria }).flatMap(([name, at]) =>
    at === undefined ? [] : [`${name} ${at}`],
  );

const first = (view: View): boolean => [...view.entities.values()].every(({ samples }) => samples === 0);

/** What happens to the processes, and what they say that a person should know of. */
function listener(view: View, display: Display, show: (one: Trouble) => void): (happening: Happening) => void {
  return (happening) => {
    const at = Date.now();
    const { part } = happening;
    if (happening.is === 'saying') {
      const what = said(happening.line);
      if (what !== undefined) show({ at, part, ...what });
      return;
    }
    const before = view.troubles.length;
    heard(view, happening, at);
    for (const one of view.troubles.slice(before)) display.trouble(one);
    if (happening.is === 'running') display.line(`${part}: ${happening.text}`);
  };
}
