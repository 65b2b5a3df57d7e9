import { quietKafka } from './kafka-client.ts';

/** A topic of one partition, if there is none by this name. */
export async function makeTopic(bootstrap: string, topic: string): Promise<void> {
  const admin = quietKafka(bootstrap).admin();
  await admin.connect();
  try {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1 }] });
  } finally {
    await admin.disconnect();
  }
}
