import type { Plan } from '../model/plan.ts';
import { aligned, product } from './protocol.ts';
import type { Pool, Session } from './pool.ts';

/** One run on zeros, so that the first request does not pay for what a first run sets up. Whether it succeeds does not matter. */
export async function warmUp(plan: Plan, session: Session, pool: Pool): Promise<void> {
  if ([...plan.inputs, ...plan.controls].some(({ size }) => size === 0)) return;
  const batch = plan.batches ? [1] : [];
  const tensors = [
    ...plan.inputs.map(({ dims, size }) => ({
      shape: [...batch, ...dims.map((length) => (length === -1 ? 1 : length))],
      size,
    })),
    ...plan.controls.map(({ size }) => ({ shape: [...batch, 1], size })),
    ...plan.states.map(({ dims, bytes }) => ({ shape: [...batch, ...dims], size: bytes / Math.max(1, product(dims)) })),
  ];
  const bytes = tensors.reduce((sum, { shape, size }) => sum + aligned(product(shape) * size), 0);
  await kept(pool);
  await new Promise<void>((resolve) => {
    const shapes = tensors.map(({ shape }) => shape);
    pool.run(session, { buffer: new ArrayBuffer(bytes), shapes, texts: [] }, () => resolve());
  });
}

const kept = (pool: Pool): Promise<void> =>
  new Promise((resolve) => {
    const ask = (): void => {
      if (pool.take(ask)) resolve();
    };
    ask();
  });
