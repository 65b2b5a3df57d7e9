// All of src/kafka above the wire is the real code: only its timers, its connections and kafkajs are the model's.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const standIns = {
  '/src/kafka/cluster.ts': './stand-in-for-cluster.ts',
  '/src/kafka/group/kafkajs-group.ts': './stand-in-for-kafkajs-group.ts',
};

// Hooks run in a thread of their own, which loads this file once more.
if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  if (specifier === 'node:timers/promises' && context.parentURL?.includes('/src/'))
    return next(new URL('./virtual-time.ts', import.meta.url).href, context);
  const found = await next(specifier, context);
  const [, standIn] = Object.entries(standIns).find(([path]) => found.url.endsWith(path)) ?? [];
  return standIn === undefined ? found : next(new URL(standIn, import.meta.url).href, context);
}
