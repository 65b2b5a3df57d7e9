import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { DashboardLinkType, type DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';

/** As the package's own builder has it, but for the placement: that one hides every link in a menu. */
export const link = (title: string, more: Partial<DashboardLink>): Builder<DashboardLink> => ({
  build: () => ({
    title,
    type: DashboardLinkType.Link,
    icon: '',
    tooltip: '',
    tags: [],
    asDropdown: false,
    targetBlank: false,
    includeVars: false,
    keepTime: false,
    ...more,
  }),
});
