import { dataSource } from './data-source.ts';
import { scrapeSeconds } from './limits.ts';

/** What Grafana reads when it starts: where the numbers are, and where the dashboards lie. */
export const dataSources = {
  apiVersion: 1,
  datasources: [
    {
      name: 'downlink',
      ...dataSource,
      access: 'proxy',
      // Grafana fills it in from its own environment.
      url: '${DOWNLINK_VICTORIA}',
      isDefault: true,
      editable: false,
      jsonData: {
        httpMethod: 'POST',
        timeInterval: `${scrapeSeconds}s`,
        prometheusType: 'Prometheus',
        manageAlerts: false,
      },
    },
  ],
};

export const dashboardFolder = '/etc/grafana/downlink';

export const dashboardProviders = {
  apiVersion: 1,
  providers: [
    {
      name: 'downlink',
      folder: 'downlink',
      type: 'file',
      disableDeletion: true,
      allowUiUpdates: false,
      options: { path: dashboardFolder },
    },
  ],
};
