import { kafkaError } from '../errors.ts';
import type { Api, Call } from './api.ts';
import { authorizedOperations, notAsked } from './authorized-operations.ts';
import type { Outcome } from './outcome.ts';

interface Request {
  readonly ofCluster: boolean;
  readonly endpoints: number;
}

type Response = Outcome & Pick<Call['broker'], 'node' | 'clusterId'> & { readonly operations: number };

const brokers = 1;
const controllers = 2;

// rights bool, kind of endpoint i8 (1+), fenced ones bool (2+)
// -> throttle i32, error i16, text?, kind of endpoint i8 (1+), cluster, controller i32, [node i32, host, port i32, rack?, fenced bool (2+)], rights i32
export const describeCluster: Api<Request, Response> = {
  key: 60,
  name: 'DescribeCluster',
  served: { min: 0, max: 2 },
  flexibleFrom: 0,
  read: (from, version) => {
    const request = { ofCluster: from.bool(), endpoints: version >= 1 ? from.int8() : brokers };
    if (version >= 2) from.bool();
    return request;
  },
  write: (to, { error, message, node, clusterId, operations }, version) => {
    to.int32(0).int16(error).text(message);
    if (version >= 1) to.int8(brokers);
    to.text(clusterId).int32(node.id);
    to.array(error === kafkaError.none ? [node] : [], ({ id, host, port }) => {
      to.int32(id).text(host).int32(port).text(null);
      if (version >= 2) to.bool(false);
      to.tags();
    });
    to.int32(operations).tags();
  },
  handle: ({ ofCluster, endpoints }, { broker: { node, clusterId } }) => {
    const about = { node, clusterId, operations: ofCluster ? authorizedOperations.cluster : notAsked };
    if (endpoints === brokers) return { ...about, error: kafkaError.none, message: null };
    const error = endpoints === controllers ? kafkaError.mismatchedEndpointType : kafkaError.unsupportedEndpointType;
    return {
      ...about,
      error,
      message: `The request was sent to a broker; it asks for endpoints of the kind ${endpoints}.`,
    };
  },
};
