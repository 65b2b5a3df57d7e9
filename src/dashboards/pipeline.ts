import { GraphDrawStyle } from '@grafana/grafana-foundation-sdk/common';
import { board, type Board } from './board.ts';
import { limits } from './limits.ts';
import { hurts, shadesOf } from './look.ts';
import { linesPanel, now, numberPanel, overTime } from './panels.ts';
import { pipeline } from './queries.ts';

const numbers = [
  numberPanel({
    title: 'How late is it?',
    description:
      'The slowest stage: what waits for it, in seconds of its present rate; if nothing moves, for how long.',
    unit: 's',
    box: [0, 0, 6, 4],
    query: now(pipeline.worstLagSeconds),
    limit: limits.lateSeconds,
  }),
  numberPanel({
    title: 'What was refused in the last hour?',
    description: 'Records that went to the dead letters. `downlink dlq ls` shows them, `redrive` puts them back.',
    unit: 'short',
    box: [6, 0, 6, 4],
    query: now(pipeline.refusedLately),
    limit: limits.refusedRecords + 1,
  }),
  numberPanel({
    title: 'How many partitions wait for their state?',
    description:
      'Assigned to a process, and not restored yet. For seconds after a start or a death this is as it should be.',
    unit: 'none',
    box: [12, 0, 6, 4],
    query: now(pipeline.closedLanes),
    limit: 1,
  }),
  numberPanel({
    title: 'How many processes do not answer?',
    description: 'Of those that VictoriaMetrics asks for their metrics: stages and inference servers.',
    unit: 'none',
    box: [18, 0, 6, 4],
    query: now(pipeline.missingProcesses),
    limit: 1,
  }),
];

const stages = [
  linesPanel({
    title: 'Which stage is late?',
    description:
      'What waits for a stage, in seconds of its present rate; if nothing moves, for how long. Red from a minute on.',
    unit: 's',
    box: [0, 4, 12, 8],
    queries: [overTime(pipeline.lagSeconds, '{{stage}}')],
    limit: limits.lateSeconds,
  }),
  linesPanel({
    title: 'How much goes through?',
    description:
      'Records a second whose outcome was committed, by stage. From ingest on a record holds several samples.',
    unit: 'cps',
    box: [12, 4, 12, 8],
    queries: [overTime(pipeline.recordsPerSecond, '{{stage}}')],
  }),
  linesPanel({
    title: 'How long does a turn take?',
    description: 'From the first record of a batch to what is to be committed; 95 of 100 are quicker.',
    unit: 's',
    box: [0, 12, 12, 8],
    queries: [overTime(pipeline.turnSeconds, '{{stage}}')],
  }),
  linesPanel({
    title: 'What is refused?',
    description: 'Records that went to the dead letters, by stage and code. The README says of each code what to do.',
    unit: 'short',
    box: [12, 12, 12, 8],
    queries: [overTime(pipeline.refused, '{{stage}} {{code}}')],
  })
    .drawStyle(GraphDrawStyle.Bars)
    .colorScheme(shadesOf(hurts)),
  linesPanel({
    title: 'What is waited for?',
    description:
      'Turns that have to be done again because something does not answer, by stage and code. Nothing is lost by it.',
    unit: 'short',
    box: [0, 20, 12, 8],
    queries: [overTime(pipeline.retried, '{{stage}} {{code}}')],
  }).drawStyle(GraphDrawStyle.Bars),
  linesPanel({
    title: 'How often is state restored?',
    description:
      'Partitions that were opened, by stage (left), and how long one took on average (right). Many without a deployment: processes die.',
    unit: 'short',
    box: [12, 20, 12, 8],
    queries: [
      overTime(pipeline.restored, '{{stage}}').refId('A'),
      overTime(pipeline.restoreSeconds, '{{stage}} took').refId('B'),
    ],
  })
    .drawStyle(GraphDrawStyle.Bars)
    .overrideByRegexp('.* took', [
      { id: 'unit', value: 's' },
      { id: 'custom.drawStyle', value: GraphDrawStyle.Points },
      { id: 'custom.axisPlacement', value: 'right' },
      { id: 'custom.showPoints', value: 'always' },
    ]),
];

const inference = [
  linesPanel({
    title: 'How long does the inference server take?',
    description: 'One request, as infer sees it: half of them and 95 of 100 are quicker.',
    unit: 'ms',
    box: [0, 28, 8, 8],
    queries: [
      overTime(pipeline.inferenceMsMedian, 'half').refId('A'),
      overTime(pipeline.inferenceMsMost, '95 of 100').refId('B'),
    ],
  }),
  linesPanel({
    title: 'What does it do in that time?',
    description: 'As the server itself counts, a request on average: waiting in its queue, and computing.',
    unit: 'ms',
    box: [8, 28, 8, 8],
    queries: [
      overTime(pipeline.serverQueueMs, 'waiting').refId('A'),
      overTime(pipeline.serverComputeMs, 'computing').refId('B'),
    ],
  }),
  linesPanel({
    title: 'Does it keep up?',
    description: 'Requests that wait in its queue, and those that failed.',
    unit: 'short',
    box: [16, 28, 8, 8],
    queries: [
      overTime(pipeline.serverPending, 'waiting').refId('A'),
      overTime(pipeline.serverFailures, 'failed').refId('B'),
    ],
  }),
];

/** Where the pipeline is late, and why. */
export const pipelineDashboard = (): Board =>
  board({
    uid: 'downlink-pipeline',
    title: 'Pipeline',
    description: 'Where the pipeline is late, what it refuses, and what it waits for.',
    panels: [...numbers, ...stages, ...inference],
  });
