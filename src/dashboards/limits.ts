/** Where a number begins to hurt: the same for the colours of panels and for alerts. */
export const limits = {
  /** Single samples pass the threshold now and then; half of five minutes is no chance. */
  anomalousShare: 0.5,
  /** By the severity's own measure: a rule alarms above 1. */
  severity: 1,
  /** SMAP has a sample a minute: ten in a row that do not come are no gap. */
  silentSeconds: 600,
  /** A batch takes milliseconds and a commit a tenth of a second; what waits for a minute does not catch up by itself. */
  lateSeconds: 60,
  /** Nothing is refused in a sound pipeline. */
  refusedRecords: 0,
} as const;

/** What was seen in this time and is no longer is silent; what was not seen for longer is taken for gone. */
export const rememberedFor = '1d';

/** Of an anomaly is told when there is something to tell: what was told last holds for so long, also while nothing comes. */
export const heldFor = '7d';

/** How long samples are looked at to say that an entity is anomalous now. */
export const judgedOver = '5m';

/** How often processes are asked for their /metrics. Grafana derives from it over how long it takes a rate. */
export const scrapeSeconds = 15;
