import { scrapeSeconds } from './limits.ts';

/** Whom VictoriaMetrics asks for metrics. The dashboards know the jobs by their names; the targets are examples. */
export const scrapeConfig = {
  global: { scrape_interval: `${scrapeSeconds}s`, scrape_timeout: '10s' },
  scrape_configs: [
    { job_name: 'downlink', static_configs: [{ targets: ['127.0.0.1:9400'] }] },
    { job_name: 'inference-server', static_configs: [{ targets: ['127.0.0.1:8002'] }] },
  ],
};

export const scrapeNotes = `For -promscrape.config of VictoriaMetrics or vmagent. Put your own targets in and keep the names of the jobs:
- downlink: \`downlink run\` listens on 9400, with --workers n on 9400 to 9400 + n - 1;
- inference-server: the port for metrics of Triton or of \`downlink inference-server\`.`;
