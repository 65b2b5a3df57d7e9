/** What a first change to the pipeline is tried on. */
export const casesText = `# Like topologies/smap.cases.yaml of downlink, whose head explains the format, but only one case of each kind.
topology: pipeline.yaml

cases:
  - name: samples that come together become one record
    send:
      - { key: SAT-001/A-1, value: { timestamp: 2026-01-01T00:00:00Z, index: 0, values: { fill: 0.1 } } }
      - { key: SAT-001/A-1, value: { timestamp: 2026-01-01T00:00:01Z, index: 1, values: { fill: 0.2, sensor_24: 1 } } }
    expect:
      batches:
        - key: SAT-001/A-1
          value: { indices: [0, 1], values: [{ fill: 0.1 }, { fill: 0.2, sensor_24: 1 }] }

  - name: a sample with too few values is a dead letter
    send:
      - { key: SAT-001/A-1, value: { timestamp: 2026-01-01T00:00:00Z, index: 0, values: { of: 24, fill: 0 } } }
    expect:
      samples: []
    deadLetters:
      - { code: telemetry-invalid, detail: '24 values, where 1 × 25 sensors need 25' }
`;
