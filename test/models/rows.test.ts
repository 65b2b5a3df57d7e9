/** @jest-environment ./test/models/onnx-environment.mjs */
import { describe, expect, it } from '@jest/globals';
import { nothingKept, scoreRows, zeroState, type Row } from '../../src/models/rows.ts';
import { telemetryLike } from '../../src/models/telemetry-like.ts';
import { withModel } from './repository.ts';

describe.each(['smap_fleet', 'smap_T-1'])('in %s', (name) => {
  it('a row begins with h_init at START and with what was kept at all other times', async () => {
    await withModel(name, async (onnx, { metadata }) => {
      const values = telemetryLike(4, 25, 1);
      const state = zeroState(metadata.state).fill(0.5);
      const row = { entity: 0, values, start: true, initial: zeroState(metadata.state), kept: { state, count: 7n } };
      const [fresh, set, going] = await scoreRows(onnx, metadata, [
        row,
        { ...row, initial: state },
        { ...row, start: false },
      ]);
      expect(set?.score).toEqual(going?.score);
      expect(set?.kept.state).toEqual(going?.kept.state);
      expect(fresh?.score).not.toEqual(set?.score);
      expect([fresh, set, going].map((scores) => scores?.kept.count)).toEqual([4n, 4n, 11n]);
    });
  });

  it('a row that is not ready keeps its state, whatever lies in it, and harms no other', async () => {
    await withModel(name, async (onnx, { metadata }) => {
      const state = zeroState(metadata.state).fill(-0.25);
      const kept = { state, count: 3n };
      const good: Row = { entity: 0, values: telemetryLike(4, 25, 2), start: false, initial: state, kept };
      const garbage: Row = {
        entity: 1_000_000,
        values: new Float32Array(100).fill(NaN),
        start: true,
        ready: false,
        initial: state.map(() => NaN),
        kept,
      };
      const [alone] = await scoreRows(onnx, metadata, [good]);
      const [left, beside] = await scoreRows(onnx, metadata, [garbage, good]);
      expect(left?.kept).toEqual(kept);
      expect(beside).toEqual(alone);
    });
  });

  it('no samples at all change nothing, and do not end the process', async () => {
    await withModel(name, async (onnx, { metadata }) => {
      const [state, initial] = [zeroState(metadata.state).fill(0.5), zeroState(metadata.state).fill(-0.5)];
      const row = { entity: 0, values: new Float32Array(), start: false, initial, kept: { state, count: 9n } };
      const [going, started] = await scoreRows(onnx, metadata, [row, { ...row, start: true }]);
      expect(going).toEqual({ reconstruction: row.values, score: row.values, kept: { state, count: 9n } });
      expect(started?.kept).toEqual({ state: initial, count: 0n });
    });
  });

  it('a state that nobody wrote, at START, is not looked at', async () => {
    await withModel(name, async (onnx, { metadata }) => {
      const initial = zeroState(metadata.state);
      const row: Row = {
        entity: 0,
        values: telemetryLike(2, 25, 3),
        start: true,
        initial,
        kept: nothingKept(metadata),
      };
      const noise = { state: initial.map(() => NaN), count: -99n };
      const [clean, dirty] = await scoreRows(onnx, metadata, [row, { ...row, kept: noise }]);
      expect(dirty).toEqual(clean);
    });
  });
});
