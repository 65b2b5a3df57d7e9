/** The smallest pipeline that scores and finds anomalies. */
export const topologyText = `# Like topologies/smap.yaml of downlink, but of one entity with a model of its own, without reports, and with the names short.
topology: pipeline
prefix: starter-
topics:
  telemetry: { schemas: [telemetry, telemetry-block] }
  samples: { schemas: [samples] }
  batches: { schemas: [samples] }
  scores: { schemas: [scores] }
  anomalies: { schemas: [anomaly] }
  model-state: { schemas: [entity-state], cleanup: compact, segmentMs: 600000 }
  detector-state: { schemas: [detector-state], cleanup: compact, segmentMs: 600000 }
  dead-letters:
deadLetters: dead-letters
stages:
  ingest: { from: telemetry, to: samples }
  batch: { from: samples, to: batches }
  infer: { from: batches, to: scores, checkpoints: model-state }
  detect: { from: scores, to: anomalies, checkpoints: detector-state, settings: { sensors: [sensor_0] } }
  export: { from: scores }
fleet:
  satellites:
    SAT-001:
      A-1: { sensors: [sensor_0..sensor_24], model: smap_A-1 }
`;
