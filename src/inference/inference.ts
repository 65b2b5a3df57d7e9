import type { Inference, ModelMetadata } from '../contract/index.ts';
import { DownlinkError } from '../errors.ts';
import { openChannel, type ChannelOptions } from '../kserve/client.ts';
import { openStream } from '../kserve/stream.ts';
import type { Emit } from '../telemetry/events.ts';
import { asking } from './ask.ts';
import { openEndpoint } from './endpoint.ts';
import { checkedModel } from './ready-model.ts';
import { openSequences, type LaneSequences, type ReadyModel } from './sequences.ts';
import { openSlots } from './slots.ts';

export interface InferenceOptions {
  /** host:port of each server; an entity belongs to one of them. */
  readonly addresses: readonly string[];
  readonly tls?: ChannelOptions['tls'];
  readonly headers?: ChannelOptions['headers'];
  readonly metadata: ReadonlyMap<string, ModelMetadata>;
  readonly emit?: Emit;
}

export interface OpenInference extends Inference {
  close(): void;
}

/** The inference servers of this process: a stream to each, whatever the number of lanes. */
export function openInference(options: InferenceOptions): OpenInference {
  const { addresses, tls, headers, metadata, emit = () => undefined } = options;
  const lanes = new Set<LaneSequences>();
  const shared = { ...(tls === undefined ? {} : { tls }), ...(headers === undefined ? {} : { headers }) };
  const onAnswer = (model: string, ms: number): void => {
    emit({ event: 'inferred', model, ms });
  };
  const servers = addresses.map((address) => {
    const endpoint = openEndpoint({
      address,
      open: (handlers) => openStream({ address, ...shared }, handlers),
      onStopping: () => {
        for (const lane of lanes) lane.endOn(endpoint);
      },
      onAnswer,
    });
    return {
      address,
      endpoint,
      channel: openChannel({ address, ...shared }),
      models: new Map<string, ReadyModel | Promise<ReadyModel>>(),
    };
  });

  const metadataOf = (model: string): ModelMetadata => {
    const found = metadata.get(model);
    if (found !== undefined) return found;
    throw new DownlinkError('model-unusable', `there is no metadata.json of model ${model} in the model repository`);
  };
  const serverOf = (entity: string) => {
    const server = servers[placeOf(entity, servers.length)];
    if (server !== undefined) return server;
    throw new DownlinkError('config-invalid', 'environment: DOWNLINK_TRITON: no address');
  };

  return {
    metadata: metadataOf,
    ask: asking(servers, onAnswer),
    open: (opening, requestTimeoutMs) => {
      const lane = openSequences({
        opening,
        requestTimeoutMs,
        ready: (model, entity) => {
          const server = serverOf(entity);
          const { endpoint, models } = server;
          const known = models.get(model);
          if (known !== undefined) return known;
          const asked = checkedModel(server, model, metadataOf(model)).then(
            ({ form, idleMs, slots }) => {
              const ready = { form, idleMs, endpoint, slots: openSlots(slots) };
              models.set(model, ready);
              return ready;
            },
            (thrown: unknown) => {
              // A failure is not kept: the server may come, or be mended.
              models.delete(model);
              throw thrown;
            },
          );
          models.set(model, asked);
          return asked;
        },
        closed: () => lanes.delete(lane),
      });
      lanes.add(lane);
      return lane;
    },
    close: () => {
      for (const { endpoint, channel } of servers) {
        endpoint.close();
        channel.close();
      }
    },
  };
}

/** The same for the same name in every process. */
function placeOf(entity: string, servers: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < entity.length; at++) hash = Math.imul(hash ^ entity.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % servers;
}
