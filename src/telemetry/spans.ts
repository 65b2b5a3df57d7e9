import { ROOT_CONTEXT, SpanKind, trace, TraceFlags, type Context, type SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Emit } from './events.ts';

export interface Spans {
  readonly listen: Emit;
  /** Sends what is left. */
  close(): Promise<void>;
}

/**
 * A span for each turn, sent to where OpenTelemetry's own variables say (OTEL_EXPORTER_OTLP_ENDPOINT); undefined where they
 * say nothing. It belongs to the trace that its first record came with, and is linked to the others'.
 */
export function openSpans(env: Readonly<Record<string, string | undefined>>): Spans | undefined {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return undefined;
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] !== undefined;
  const url = own ? endpoint : `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url }), { scheduledDelayMillis: 2_000 });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': env['OTEL_SERVICE_NAME'] ?? 'downlink' }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('downlink');
  return {
    close: () => provider.shutdown(),
    listen: (event) => {
      if (event.event !== 'turn') return;
      const [parent, ...others] = event.traces.flatMap((text) => spanIn(text) ?? []);
      const end = Date.now();
      const span = tracer.startSpan(
        `${event.stage} process`,
        {
          kind: SpanKind.CONSUMER,
          startTime: end - event.ms,
          links: others.map((context) => ({ context })),
          attributes: {
            'messaging.system': 'kafka',
            'messaging.destination.partition.id': String(event.partition),
            'messaging.batch.message_count': event.records,
            'downlink.stage': event.stage,
          },
        },
        within(parent),
      );
      span.end(end);
    },
  };
}

const within = (parent: SpanContext | undefined): Context =>
  parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);

/** W3C: version, trace id, span id, flags. */
function spanIn(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})/.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}
