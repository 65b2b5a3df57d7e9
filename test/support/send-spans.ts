// A process of its own: the exporter loads its parts when they are needed, which Jest does not allow.
import type { Event } from '../../src/telemetry/events.ts';
import { openSpans } from '../../src/telemetry/spans.ts';

const spans = openSpans(process.env);
for (const event of JSON.parse(process.argv[2] ?? '') as Event[]) spans?.listen(event);
await spans?.close();
