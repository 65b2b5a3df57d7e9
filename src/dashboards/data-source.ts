/** The data source of every panel and alert, by an id that does not change. */
export const dataSource = { type: 'prometheus', uid: 'downlink-victoria' } as const;
