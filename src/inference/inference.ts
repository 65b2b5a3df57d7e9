import type { Inference, JobModel, ModelMetadata } from '../contract/index.ts';
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
  readonly jobModels?: ReadonlyMap<string, JobModel>;
  readonly emit?: Emit;
}

export interface OpenInference extends Inference {
  close(): void;
}

/** The inference servers of this process: a stream to each, whatever the number of lanes. */
export function openInference(options: InferenceOptions): OpenInference {
  const { addresses, tls, headers, metadata, jobModels, emit = () => undefined } = options;
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

  const known = <T>(among: ReadonlyMap<string, T> | undefined, model: string): T => {
    const found = among?.get(model);
    if (found !== undefined) return found;
    throw new DownlinkError('model-unusable', `there is no metadata.json of model ${model} in the model repository`);
  };
  const metadataOf = (model: string): ModelMetadata => known(metadata, model);
  const serverOf = (entity: string) => {
    const server = servers[placeOf(entity, servers.length)];
    if (server !== undefined) return server;
    throw new DownlinkError('config-invalid', 'environment: DOWNLINK_TRITON: no address');
  };

  return {
    metadata: metadataOf,
    jobModel: (model) => known(jobModels, model),
    ask: asking(servers, (model, ms, rows) => {
      emit({ event: 'inferred', model, ms, rows });
    }),
    open: (opening, requestTimeoutMs) => {
      const lane = openSequences({
        opening,
        requestTimeoutMs,
        ready: (model, entity) => {
          const server = serverOf(entity);
          const { endpoint, models } = server;
          const found = models.get(model);
          if (found !== undefined) return found;
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
