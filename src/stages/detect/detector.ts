import type { Alarm } from './reference.ts';
import { modelError } from './rules/model-error.ts';
import type { Row, Rule, RuleName } from './rules/rule.ts';
import { tooBusy } from './rules/too-busy.ts';
import { tooQuiet } from './rules/too-quiet.ts';
import { unusualShape } from './rules/unusual-shape.ts';
import type { EntitySettings } from './settings.ts';

/** A rule that alarms in a row. */
export interface Finding {
  readonly sensor: string;
  readonly rule: RuleName;
  readonly alarm: Alarm;
  sentence(): string;
}

/** All rules on all watched sensors of one entity. */
export interface Detector {
  /** Quiet rows from before the stream, of each watched sensor, which then begins. */
  prime(rows: readonly (readonly Row[])[]): void;
  /** The next row of the stream, of each watched sensor. */
  judge(row: readonly Row[]): readonly Finding[];
  save(): Buffer;
  /** A rule whose state is not in it, or in another form, begins anew. */
  restore(bytes: Uint8Array): void;
}

/** Of the bytes of `save`. Another version is not read: all rules begin anew, and settle. */
const layout = 1;

interface Watching {
  readonly sensor: string;
  /** Its place among the watched sensors. */
  readonly place: number;
  readonly rule: Rule;
  readonly name: Buffer;
}

const none: readonly Finding[] = [];

const watchingOf = (settings: EntitySettings): readonly Watching[] =>
  settings.sensors.flatMap((sensor, place) =>
    settings.rules.map((name): Watching => {
      const rule = ruleOf(name, settings);
      return { sensor, place, rule, name: Buffer.from(`${sensor} ${rule.name} ${rule.form}`) };
    }),
  );

/** The rules that cannot go on from a state that was saved under other settings: they begin anew. */
export function beginAnew(settings: EntitySettings, saved: EntitySettings): readonly string[] {
  const known = new Set(watchingOf(saved).map(({ name }) => name.toString()));
  return watchingOf(settings)
    .filter(({ name }) => !known.has(name.toString()))
    .map(({ sensor, rule }) => `${rule.name} of ${sensor}`);
}

export function openDetector(settings: EntitySettings): Detector {
  const watching = watchingOf(settings);
  const length = watching.reduce((sum, { name, rule }) => sum + 1 + name.length + 4 + rule.state.length, 2);

  return {
    prime: (rows) => {
      const isSound = (_: unknown, at: number): boolean =>
        rows.every((column) => Number.isFinite(column[at]?.value) && Number.isFinite(column[at]?.error));
      for (const { place, rule } of watching) rule.prime((rows[place] ?? []).filter(isSound));
    },
    judge: (row) => {
      let findings: Finding[] | undefined;
      for (const { sensor, place, rule } of watching) {
        const own = row[place];
        const alarm = own && rule.judge(own);
        if (alarm === undefined) continue;
        findings ??= [];
        findings.push({ sensor, rule: rule.name, alarm, sentence: () => `${sensor} ${rule.sentence(alarm)}` });
      }
      return findings ?? none;
    },
    save: () => {
      const bytes = Buffer.allocUnsafe(length);
      bytes[0] = layout;
      bytes[1] = watching.length;
      let at = 2;
      for (const { name, rule } of watching) {
        at = bytes.writeUInt8(name.length, at);
        at += name.copy(bytes, at);
        at = bytes.writeUInt32LE(rule.state.length, at);
        bytes.set(rule.state, at);
        at += rule.state.length;
      }
      return bytes;
    },
    restore: (saved) => {
      const states = statesIn(saved);
      for (const { name, rule } of watching) {
        const state = states.get(name.toString());
        if (state?.length !== rule.state.length) continue;
        rule.state.set(state);
        rule.restored();
      }
    },
  };
}

function ruleOf(name: RuleName, settings: EntitySettings): Rule {
  const { res, settleRows: settle, shapeRows } = settings;
  switch (name) {
    case 'too-busy':
      return tooBusy({ res, settle, factor: settings.busyFactor });
    case 'too-quiet':
      return tooQuiet({ res, settle, factor: settings.quietFactor });
    case 'unusual-shape':
      return unusualShape({ res, settle, factor: settings.shapeFactor, rowsOfMean: shapeRows === '8' ? 8 : 4 });
    case 'model-error':
      return modelError({ settle, factor: settings.errorFactor });
  }
}

function statesIn(saved: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const bytes = Buffer.from(saved.buffer, saved.byteOffset, saved.byteLength);
  const states = new Map<string, Uint8Array>();
  if (bytes[0] !== layout) return states;
  let at = 2;
  for (let left = bytes[1] ?? 0; left > 0; left--) {
    const name = bytes.toString('utf8', at + 1, at + 1 + (bytes[at] ?? 0));
    at += 1 + (bytes[at] ?? 0);
    const size = bytes.readUInt32LE(at);
    states.set(name, bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return states;
}
