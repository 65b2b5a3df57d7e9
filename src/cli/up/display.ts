import { anomalyLine } from '../../pipeline/tail/anomaly-line.ts';
import type { Records } from '../../contract/index.ts';
import type { Shell } from '../verb.ts';
import { screen } from './screen.ts';
import type { Trouble, View } from './view.ts';

/** What a person sees while it runs. */
export interface Display {
  /** What to do next. */
  next(lines: readonly string[]): void;
  line(text: string): void;
  trouble(trouble: Trouble): void;
  anomaly(anomaly: Records['anomaly']): void;
  /** Drawn anew. */
  draw(now: number): void;
  end(): void;
}

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';

/** On a terminal one screen that is drawn again and again; elsewhere a line for each thing that happens. */
export const openDisplay = (shell: Shell, view: View): Display =>
  shell.screen === true ? onScreen(shell, view) : inLines(shell, view);

function onScreen({ out, env, size = () => ({ columns: 80, rows: 24 }) }: Shell, view: View): Display {
  let next: readonly string[] = [];
  let last = '';
  out(enter);
  return {
    next: (lines) => {
      next = lines;
    },
    line: () => undefined,
    trouble: () => undefined,
    anomaly: () => undefined,
    draw: (now) => {
      const lines = screen(view, { now, size: size(), colour: !env['NO_COLOR'], next });
      const text = `\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`;
      if (text === last) return;
      last = text;
      out(text);
    },
    end: () => out(leave),
  };
}

function inLines({ out }: Shell, view: View): Display {
  const width = Math.max(...[...view.entities.keys()].map((key) => key.length));
  const line = (text: string): void => out(`${text}\n`);
  return {
    next: (lines) => lines.forEach(line),
    line,
    trouble: ({ part, text }) => line(`${part}: ${text}`),
    anomaly: (anomaly) => {
      if (anomaly.phase !== 'updated') line(anomalyLine(anomaly, { width, colour: false }));
    },
    draw: () => undefined,
    end: () => undefined,
  };
}
