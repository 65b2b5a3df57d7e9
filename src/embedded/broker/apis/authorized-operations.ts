/** Clients may do anything here: all the bits that Kafka has for such a thing, as it answers them without an authorizer. */
export const authorizedOperations = { cluster: 8096, topic: 3576 } as const;

/** Nobody asked. */
export const notAsked = -(2 ** 31);
